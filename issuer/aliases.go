package issuer

import "github.com/open-insignia/insignia/issuer/ledger"

const Accepted = ledger.Accepted
const ByLink = ledger.ByLink
const Declined = ledger.Declined
const Expired = ledger.Expired
const NeverTook = ledger.NeverTook
const Offered = ledger.Offered
const Private = ledger.Private
const Public = ledger.Public
const Revoked = ledger.Revoked
const Superseded = ledger.Superseded
const Suspended = ledger.Suspended
const Valid = ledger.Valid

type ActorKind = ledger.ActorKind
type Award = ledger.Award
type Decision = ledger.Decision
type Entry = ledger.Entry
type Facts = ledger.Facts
type Reason = ledger.Reason
type Recorded = ledger.Result
type Score = ledger.Score
type Validity = ledger.Validity
