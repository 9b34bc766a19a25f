package identity

// AccountLinkState says how an account of the inventory stands to a person.
type AccountLinkState string

// The states of an account. Only linked and disputed ones are a person's.
const (
	AccountLinked    AccountLinkState = "linked"
	AccountCandidate AccountLinkState = "candidate" // somebody's perhaps: a person has to say
	AccountUnowned   AccountLinkState = "unowned"   // nobody's that is known
	AccountRefused   AccountLinkState = "refused"   // a person has said that it is not whose it seemed to be
	AccountDisputed  AccountLinkState = "disputed"  // linked to one person, and now carries another's traces
)

// AccountKind says what an account is for.
type AccountKind string

// The kinds of accounts. Operators declare all but AccountPerson and AccountUnknown.
const (
	KindPerson     AccountKind = "person"
	KindService    AccountKind = "service"
	KindShared     AccountKind = "shared"
	KindBreakGlass AccountKind = "break_glass"
	KindUnknown    AccountKind = "unknown"
)

// Title is what people call an account of this kind, empty for one that is a person's or of which nobody knows.
func (k AccountKind) Title() string {
	switch k {
	case KindService:
		return "service account"
	case KindShared:
		return "shared account"
	case KindBreakGlass:
		return "break-glass account"
	case KindPerson, KindUnknown:
	}
	return ""
}

// AccountUse says what a person uses one of their accounts for. One account of a person and system is primary.
type AccountUse string

// The uses of accounts.
const (
	UsePrimary   AccountUse = "primary"
	UseAdmin     AccountUse = "admin"
	UseSecondary AccountUse = "secondary"
)

// Mapping is a rule by which a system itself changes accounts, again whenever it runs.
type Mapping struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Match is "all" or "any" of the conditions.
	Match      string             `json:"match,omitempty"`
	Conditions []MappingCondition `json:"conditions,omitempty"`
	Actions    []MappingAction    `json:"actions,omitempty"`
}

// MappingCondition is whom a mapping is about.
type MappingCondition struct {
	Source   string `json:"source"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// MappingAction is what a mapping does to them, such as set_status or add_role with the id of a role.
type MappingAction struct {
	Action string   `json:"action"`
	Values []string `json:"values,omitempty"`
}

// GivesAccess reports that the mapping can give back what a containment took: sign-in, a role or a group.
func (m Mapping) GivesAccess() bool {
	for _, a := range m.Actions {
		switch a.Action {
		case "set_status":
			for _, v := range a.Values {
				if v == "1" {
					return true
				}
			}
		case "add_role", "set_role", "set_group":
			return true
		}
	}
	return false
}
