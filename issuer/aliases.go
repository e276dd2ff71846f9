package issuer

import (
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Names that moved to rooms of this one.

const Accepted = ledger.Accepted
const ByLink = ledger.ByLink
const Declined = ledger.Declined
const Expired = ledger.Expired
const NeverTook = ledger.NeverTook
const Offered = ledger.Offered
const PictureSize = catalogue.PictureSize
const Private = ledger.Private
const Public = ledger.Public
const Revoked = ledger.Revoked
const Superseded = ledger.Superseded
const Suspended = ledger.Suspended
const Valid = ledger.Valid

type Achievement = catalogue.Achievement
type ActorKind = ledger.ActorKind
type Award = ledger.Award
type Criteria = catalogue.Criteria
type Decision = ledger.Decision
type Document = catalogue.Document
type Entry = ledger.Entry
type Facts = ledger.Facts
type Picture = catalogue.Picture
type Reason = ledger.Reason
type Recorded = ledger.Result
type Score = ledger.Score
type Validity = ledger.Validity

var Name = catalogue.Name
var NameSpoken = catalogue.NameSpoken
