package jsonld

import "github.com/open-insignia/insignia/openbadge/rdf"

// apart is a statement about the root that is made elsewhere in the document: its index and place.
type apart struct {
	quad int
	path []step
}

// checkApart refuses a document that hides a property of its root in another object with the same
// id, as in {"id":"urn:a", "evidence":{"id":"urn:a", "validUntil":…}}: the statements, and so the
// signature, are the same as if it stood at the root, where readers look for it. It may be repeated
// elsewhere.
func (c *converter) checkApart() error {
	if len(c.apart) == 0 {
		return nil
	}
	elsewhere, said := map[int]bool{}, map[rdf.Quad]bool{}
	for _, s := range c.apart {
		elsewhere[s.quad] = true
	}
	for i, q := range c.quads {
		if q.Subject == c.root.subject && !elsewhere[i] {
			said[q] = true
		}
	}
	for _, s := range c.apart {
		if q := c.quads[s.quad]; !said[q] && c.root.context.meaning(q.Predicate.Value).defined {
			return failure(Unsupported, s.path, "a property of the document stands apart from it")
		}
	}
	return nil
}
