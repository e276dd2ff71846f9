package issuer

// candidate is a certification profile: a partner's candidate, to whom one ledger belongs.
type candidate struct {
	ID        string `db:"id"`
	PartnerID string `db:"partner_id"`
	Number    string `db:"number"` // the partner's own id
	Email     string `db:"email"`  // in lower case
	Name      string `db:"name"`
	Locale    string `db:"locale"`
	Revision  int64  `db:"revision"` // 1 for one that this transaction made

	stale bool // the stored row has other facts
}

func (c candidate) key() candidateKey { return candidateKey{c.PartnerID, c.Number} }
