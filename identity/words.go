package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// String says in plain words what a step does, with the roles and the group by name.
func (s Step) String() string {
	names := strings.Join(slices.Sorted(slices.Values(s.Names)), ", ")
	switch s.Kind {
	case StepSuspend:
		return "suspend the account"
	case StepLogOut, StepEndSessions:
		return "end its sessions"
	case StepCreate:
		if names != "" {
			return "create the account in the group " + names
		}
		return "create the account"
	case StepRename:
		return "give the account its new sign-in name"
	case StepSetProfile:
		return "update the profile"
	case StepSetGroup:
		return "move the account to the group " + names
	case StepKeepRoles:
		if s.Until.IsZero() {
			return "keep for now: " + names
		}
		return "keep until " + s.Until.UTC().Format("2006-01-02 15:04 MST") + ": " + names
	case StepRemoveRoles:
		return "take roles away: " + names
	case StepAddRoles:
		return "give roles: " + names
	case StepActivate:
		return "activate the account"
	case StepInvite:
		return "send the invitation"
	case StepScramblePassword:
		return "make the password unknown"
	case StepRemoveFactors:
		return "remove the second factors"
	case StepDelete:
		if names != "" {
			return "delete " + names
		}
		return "delete the account"
	case StepResetPassword:
		return "reset the password and mail a link"
	case StepLock:
		if s.Minutes > 0 {
			return fmt.Sprintf("lock the account for %d minutes", s.Minutes)
		}
		return "lock the account"
	case StepEnable:
		return "open the account that somebody else has closed"
	case StepCloseOrder:
		return "close an order without doing anything: " + s.Why
	}
	return strings.TrimSpace(string(s.Kind) + " " + names)
}

// Words are the steps in plain words.
func Words(steps []Step) []string {
	var words []string
	for _, s := range steps {
		words = append(words, s.String())
	}
	return words
}

// Hash identifies what a plan would do in an episode to the accounts that it is about. Two plans with one hash do the same:
// neither when they were made nor under which version of the policy makes a difference.
func (p Plan) Hash(episode int, refs ...Ref) string {
	var lines []string
	for _, s := range p.Steps {
		lines = append(lines, strconv.Quote(string(s.Kind))+fmt.Sprintf("%q", slices.Sorted(slices.Values(s.Names))))
	}
	for _, r := range refs {
		lines = append(lines, "account "+strconv.Quote(r.String()))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(append(lines, string(p.Verdict), strconv.Itoa(episode)), "\n")))
	return hex.EncodeToString(sum[:16])
}
