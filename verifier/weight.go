package verifier

// maxCredentialValues is how many members and elements a 3.0 credential may have. The largest of the
// official test material has some 700; converting them to RDF and back is what takes time, so fewer
// are allowed than of documents that are only read.
const maxCredentialValues = 20_000

// overweight is nil for a credential that is small enough to be judged.
func overweight(data []byte) *fault {
	values := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[', ',':
			values++
		case '"':
			i += stringLength(data[i+1:])
		}
	}
	if values <= maxCredentialValues {
		return nil
	}
	return &fault{verdict: Invalid, code: BadInput, message: "The credential has more parts than are judged."}
}
