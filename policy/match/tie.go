package match

import (
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/policy"
)

// Matcher says whose an account is, by how a policy names accounts and by what it protects.
type Matcher struct{ policy *policy.Policy }

// By makes the matcher of a policy.
func By(p *policy.Policy) Matcher { return Matcher{policy: p} }

// Tie says how closely an account is tied to a human.
type Tie string

// The ties, the closest first.
const (
	// TieCertain: the account is theirs. Containment needs no further word.
	TieCertain Tie = "certain"
	// TieDisputed: the account is on record as theirs, and by now carries what names another employed record.
	TieDisputed Tie = "disputed"
	// TieCandidate: the account may be theirs, and a person has to say.
	TieCandidate Tie = "candidate"
	// TieNamesake: nothing but the full name agrees.
	TieNamesake Tie = "namesake"
	// TieNone: the account is not theirs.
	TieNone Tie = "none"
)

// Reasons why an account is, or is not quite, somebody's. They carry no personal data and never change.
const (
	ReasonLinked         = "the account is on record as theirs"
	ReasonWord           = "a person linked the account to them"
	ReasonNamedAnchor    = "the external id names their HR record"
	ReasonBareAnchor     = "the external id is their employee id"
	ReasonWorkAddress    = "the work e-mail address is theirs"
	ReasonPrivateAddress = "the account has their private e-mail address"
	ReasonName           = "the name is theirs"
	ReasonUsername       = "the username is theirs"
	ReasonAdminName      = "the username is theirs with an administrator's prefix or suffix"
	ReasonTaggedAddress  = "the e-mail address is theirs with a tag"
	ReasonFurtherAddress = "a further address of the account is theirs"
	ReasonPartOfName     = "a part of the name is theirs"
	ReasonMarkedName     = "the name is theirs in another spelling or beside marks"
	ReasonNameInUsername = "the username is made of their name"
	ReasonNumberInAnchor = "the external id contains their employee id"
	ReasonCalledSo       = "it is called as somebody is who has left"
	ReasonDirectoryName  = "the directory's account name is theirs"
	ReasonNumber         = "the username or address is their employee id"
	ReasonNoName         = "the account carries no name"
	ReasonOnlyName       = "nothing but the name says so"
	ReasonKin            = "it is on a record with their name and private address, which nobody has linked to theirs"
	ReasonOtherAnchor    = "the external id is one that no HR record explains"
	ReasonOtherName      = "the name differs from the HR record's"
	ReasonNoAnchor       = "the account has no external id"
	ReasonPrivileged     = "the account holds a privileged role or is protected"
	ReasonRival          = "an employed person's HR record fits the account as well"
	ReasonTaken          = "the account is on record for somebody else who is not employed"
	ReasonRefused        = "a person said that the account is not theirs"
	ReasonEmployedOwner  = "the account is on record for somebody who is employed"
)

// Claim is what is known of a human and of what the ledger says about one account.
type Claim struct {
	// Keys are the person's key and every key that was forwarded to it.
	Keys []string
	// Records are all HR records of the human.
	Records []identity.Record
	// Left says that the account is wanted for ending access, so that a privileged role makes no link doubtful.
	Left bool

	// Linked says that the ledger has the account on record for this human, ByWord that a person said so.
	Linked, ByWord bool
	// Other says that the ledger has the account on record for another human, OtherEmployed that they are employed.
	Other, OtherEmployed bool
	// Refused says that a person refused this link on the evidence that still stands.
	Refused bool
	// Rivals are other humans whose records share traces with the account.
	Rivals []Rival
	// Kin are records that have the human's name and private address, are nobody's who is employed, and that nobody has
	// linked to theirs or kept apart.
	Kin []identity.Record
}

// Rival is another human whose HR record shares traces with an account.
type Rival struct {
	Key      string
	Employed bool
	// Anchor says that the external id is theirs, Address that the address or the username is, Work that it is their work
	// address, Name that the name is.
	Anchor, Address, Work, Name bool
	// Closer says that more of the account agrees with them than with whom the claim is about.
	Closer bool
}

// owns reports that an account is by all signs the rival's own: what namesakes share is then nothing. Where what speaks for
// the other is slight, one sign is enough; where a privileged account is at stake, more than what weighs more.
func (r Rival) owns(slight, privileged bool) bool {
	return r.Employed && (r.Anchor && (r.Address || r.Name) || r.Work && r.Name || slight && (r.Anchor || r.Work) || r.Closer && !privileged)
}

// Tied is how an account is tied to a human, and why.
type Tied struct {
	Tie     Tie
	Reasons []string
}

// Has reports that a reason is among those of the tie.
func (t Tied) Has(reason string) bool { return slices.Contains(t.Reasons, reason) }

// Weak reports that neither an external id nor the work address ties an account to a human, so that another person of
// the same name may explain it as well or better.
func (t Tied) Weak() bool {
	return (t.Tie == TieCandidate || t.Tie == TieNamesake) &&
		!t.Has(ReasonNamedAnchor) && !t.Has(ReasonBareAnchor) && !t.Has(ReasonWorkAddress)
}

// Anchor is one reading of an external id: a person's key, or an employee id of a source that may be unknown.
type Anchor struct{ Key, Source, EmployeeID string }

// Anchors reads an external id in every way in which it may name an HR record: by the formats of the policy, as a key,
// and as a bare employee id.
func (m Matcher) Anchors(externalID string) []Anchor {
	externalID = strings.TrimSpace(externalID)
	if externalID == "" {
		return nil
	}
	var found []Anchor
	for _, f := range m.policy.ReadExternalID(externalID) {
		found = append(found, Anchor(f))
	}
	return append(found, Anchor{Key: externalID}, Anchor{EmployeeID: externalID})
}

// Tie says how an account is tied to the human of a claim:
//
//   - certain: a person's word; an external id that names the record; a bare employee id with an agreeing name or work
//     address; the work address with an agreeing name on an account without an external id. In each case no other
//     employed record has the account's external id, address or username.
//   - disputed: on record as theirs, while the account now carries another employed record's external id, or both their
//     name and address.
//   - candidate: any of these where something speaks against it, or weaker traces.
//   - namesake: nothing but the full name in any spelling and beside any marks, or a part of it.
//
// An account on record for somebody employed is nobody else's, and neither is one that an employed record explains better.
func (m Matcher) Tie(a identity.Account, c Claim) Tied { return m.TieBy(a, c, m.Likeness(a, c)) }

// TieBy is Tie for a likeness of the account and the claim that was found before.
func (m Matcher) TieBy(a identity.Account, c Claim, l Likeness) Tied {
	t := l.t
	reasons := t.reasons()
	privileged := l.l.isPrivileged()
	switch {
	case c.Linked && c.ByWord:
		return Tied{TieCertain, append([]string{ReasonWord}, reasons...)}
	case c.Linked && disputes(t, c.Rivals):
		return Tied{TieDisputed, append([]string{ReasonLinked, ReasonRival}, reasons...)}
	case c.Linked:
		return Tied{TieCertain, append([]string{ReasonLinked}, reasons...)}
	case c.Refused:
		return Tied{TieNone, []string{ReasonRefused}}
	case c.Other && c.OtherEmployed:
		return Tied{TieNone, []string{ReasonEmployedOwner}}
	case !t.named && !t.bare && !t.address && slices.ContainsFunc(c.Rivals, func(r Rival) bool { return r.owns(t.slight(), privileged) }):
		return Tied{TieNone, []string{ReasonRival}}
	}
	strong := t.named || t.bare && (t.name || t.address) ||
		a.ExternalID == "" && t.address && t.name && (c.Left || !privileged)
	rival := slices.ContainsFunc(c.Rivals, func(r Rival) bool {
		return r.Employed && (r.Anchor || r.Address || r.Name && !t.named && !t.bare && !t.address)
	})
	named := slices.ContainsFunc(c.Rivals, func(r Rival) bool { return r.Employed && r.Name })
	doubts := doubts(a, c, t, rival, privileged)
	if len(c.Kin) > 0 {
		if kin := m.traces(a, Claim{Records: c.Kin}); kin.named || kin.bare && kin.name || kin.address {
			reasons, t.kin = append(reasons, ReasonKin), true
		}
	}
	switch {
	case strong && !rival && !c.Other:
		return Tied{TieCertain, reasons}
	case t.likely(named):
		return Tied{TieCandidate, append(reasons, doubts...)}
	case c.Other, t.part && !t.name && !t.marked && named && !privileged:
	case t.nameOnly():
		return Tied{TieNamesake, append(append(reasons, ReasonOnlyName), doubts...)}
	}
	return Tied{Tie: TieNone}
}

// disputes reports that an employed record of somebody else has a better claim to an account than the link on record.
func disputes(t traces, rivals []Rival) bool {
	return slices.ContainsFunc(rivals, func(r Rival) bool {
		return r.Employed && (r.Anchor && !t.named && !t.bare || r.Address && r.Name)
	})
}

// doubts are the reasons that keep a tie from being certain.
func doubts(a identity.Account, c Claim, t traces, rival, privileged bool) []string {
	var out []string
	add := func(when bool, reason string) {
		if when {
			out = append(out, reason)
		}
	}
	add(rival, ReasonRival)
	add(c.Other, ReasonTaken)
	add(!t.named && !t.bare && a.ExternalID != "", ReasonOtherAnchor)
	add(a.ExternalID == "", ReasonNoAnchor)
	add(t.foreign, ReasonOtherName)
	add(!t.nameOnly() && !t.foreign, ReasonNoName)
	add(privileged, ReasonPrivileged)
	return out
}
