package issuer

import (
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Names that moved to rooms of this one.

const Accepted = ledger.Accepted
const ByLink = ledger.ByLink
const Declined = ledger.Declined
const Expired = ledger.Expired
const ForOB2 = credential.ForOB2
const ForProof = credential.ForProof
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
type Badge = credential.Badge
type Criteria = catalogue.Criteria
type Decision = ledger.Decision
type Document = catalogue.Document
type Entry = ledger.Entry
type Facts = ledger.Facts
type IssuerDocuments = credential.IssuerDocuments
type Picture = catalogue.Picture
type PublicExams = credential.PublicExams
type PublicKey = credential.PublicKey
type Purpose = credential.Purpose
type Reason = ledger.Reason
type Recorded = ledger.Result
type Score = ledger.Score
type Site = credential.Site
type Validity = ledger.Validity

var Name = catalogue.Name
var NameSpoken = catalogue.NameSpoken
var NewSite = credential.NewSite
