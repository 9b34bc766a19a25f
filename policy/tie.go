package policy

import (
	"slices"
	"strings"

	"gatehouse/identity"
)

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
}

// Rival is another human whose HR record shares traces with an account.
type Rival struct {
	Key      string
	Employed bool
	// Anchor says that the external id is theirs, Address that the address or the username is, Name that the name is.
	Anchor, Address, Name bool
}

// owns reports that an account is by all signs the rival's own: a name alone, which namesakes share, is then nothing.
func (r Rival) owns() bool { return r.Employed && r.Anchor && (r.Address || r.Name) }

// Tied is how an account is tied to a human, and why.
type Tied struct {
	Tie     Tie
	Reasons []string
}

// Anchor is one reading of an external id: a person's key, or an employee id of a source that may be unknown.
type Anchor struct{ Key, Source, EmployeeID string }

// Anchors reads an external id in every way in which it may name an HR record: by the formats of the policy, as a key,
// and as a bare employee id.
func (p *Policy) Anchors(externalID string) []Anchor {
	externalID = strings.TrimSpace(externalID)
	if externalID == "" {
		return nil
	}
	var found []Anchor
	for _, f := range p.ReadExternalID(externalID) {
		found = append(found, Anchor(f))
	}
	return append(found, Anchor{Key: externalID}, Anchor{EmployeeID: externalID})
}

// traces are the ways in which an account agrees with a human.
type traces struct{ named, bare, address, private, name, username, admin bool }

// Tie says how an account is tied to the human of a claim:
//
//   - certain: a person's word; an external id that names the record; a bare employee id with an agreeing name or work
//     address; the work address with an agreeing name on an account without an external id. In each case no other
//     employed record has the account's external id, address or username.
//   - disputed: on record as theirs, while the account now carries another employed record's external id, or both their
//     name and address.
//   - candidate: any of these where something speaks against it, or weaker traces.
//
// An account on record for somebody employed is nobody else's, and neither is one that has all signs of an employed record.
func (p *Policy) Tie(a identity.Account, c Claim) Tied {
	t := p.traces(a, c)
	reasons := t.reasons()
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
	case !t.named && !t.bare && !t.address && slices.ContainsFunc(c.Rivals, Rival.owns):
		return Tied{TieNone, []string{ReasonRival}}
	}
	privileged := p.Protected(a) != "" || slices.ContainsFunc(a.Roles, func(role string) bool { return p.privileged[role] })
	strong := t.named || t.bare && (t.name || t.address) ||
		a.ExternalID == "" && t.address && t.name && (c.Left || !privileged)
	rival := slices.ContainsFunc(c.Rivals, func(r Rival) bool { return r.Employed && (r.Anchor || r.Address) })
	doubts := doubts(a, c, t, rival, privileged)
	switch {
	case strong && !rival && !c.Other:
		return Tied{TieCertain, reasons}
	case t.named, t.bare, t.address, t.admin, t.name && (t.private || t.username):
		return Tied{TieCandidate, append(reasons, doubts...)}
	case t.name && !c.Other:
		return Tied{TieNamesake, append(reasons, doubts...)}
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
	add(!t.name, ReasonOtherName)
	add(privileged, ReasonPrivileged)
	return out
}

func (p *Policy) traces(a identity.Account, c Claim) traces {
	var t traces
	anchors := p.Anchors(a.ExternalID)
	for _, key := range c.Keys {
		t.named = t.named || slices.ContainsFunc(anchors, func(n Anchor) bool { return n.Key == key })
	}
	for _, r := range c.Records {
		key := r.Source + "-" + r.EmployeeID
		for _, n := range anchors {
			t.named = t.named || n.Key == key || n.EmployeeID == r.EmployeeID && n.Source == r.Source
			t.bare = t.bare || n.EmployeeID == r.EmployeeID && n.Source == ""
		}
		t.address = t.address || sameAddress(r.WorkEmail, a.Email) || sameAddress(r.WorkEmail, a.Username)
		t.private = t.private || sameAddress(r.PersonalEmail, a.Email) || sameAddress(r.PersonalEmail, a.Username)
		t.name = t.name || sameName(r.LastName, a.LastName) &&
			(sameName(r.FirstName, a.FirstName) || sameName(r.PreferredName, a.FirstName))
		for _, local := range p.localParts(r) {
			for _, own := range []string{localPart(a.Username), localPart(a.Email)} {
				t.username = t.username || local != "" && own == local
				t.admin = t.admin || local != "" && own != local && withoutAdmin(own) == local
			}
		}
	}
	return t
}

// localParts are the usernames by which a person of this record goes: that of the work address, and the first one that
// the naming rule would give.
func (p *Policy) localParts(r identity.Record) []string {
	parts := []string{localPart(r.WorkEmail)}
	if r.FirstName != "" && r.LastName != "" {
		if names := p.Usernames(r); len(names) > 0 {
			parts = append(parts, strings.ToLower(names[0]))
		}
	}
	return parts
}

func (t traces) reasons() []string {
	var out []string
	for _, r := range []struct {
		found  bool
		reason string
	}{
		{t.named, ReasonNamedAnchor},
		{t.bare && !t.named, ReasonBareAnchor},
		{t.address, ReasonWorkAddress},
		{t.private, ReasonPrivateAddress},
		{t.name, ReasonName},
		{t.username && !t.address, ReasonUsername},
		{t.admin, ReasonAdminName},
	} {
		if r.found {
			out = append(out, r.reason)
		}
	}
	return out
}

// SameName reports whether two spellings of a full name agree, whatever the case, the accents, the spaces and hyphens.
func SameName(first, last, otherFirst, otherLast string) bool {
	return sameName(first, otherFirst) && sameName(last, otherLast)
}

func sameAddress(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a != "" && strings.EqualFold(a, b)
}

func localPart(address string) string {
	local, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	return local
}

// withoutAdmin takes the prefix or suffix off by which companies mark an administrator's second account.
func withoutAdmin(local string) string {
	for _, mark := range []string{"admin", "adm", "priv", "root", "da", "sa", "a", "t0", "t1", "t2"} {
		for _, sep := range []string{"-", ".", "_"} {
			if rest, ok := strings.CutPrefix(local, mark+sep); ok {
				return rest
			}
			if rest, ok := strings.CutSuffix(local, sep+mark); ok {
				return rest
			}
		}
	}
	if rest, ok := strings.CutSuffix(local, "+admin"); ok {
		return rest
	}
	return local
}

// AdminMarks are the affixes that second accounts are searched by, applied to a username.
func AdminMarks(local string) []string {
	if local == "" {
		return nil
	}
	return []string{"adm-" + local, "admin-" + local, "adm." + local, "a-" + local, local + "-adm", local + "-admin", local + ".admin"}
}
