package census

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// telling are the words in usernames that people give to what is no person's, and what they make an account likely.
func telling() map[identity.AccountKind][]string {
	return map[identity.AccountKind][]string{
		identity.KindBreakGlass: {"breakglass", "emergency", "glass", "firecall"},
		identity.KindService: {
			"api", "automation", "backup", "batch", "bot", "ci", "connector", "cron", "daemon", "deploy", "etl", "integration", "jenkins",
			"jobs", "monitor", "monitoring", "noreply", "provisioning", "robot", "scan", "scanner", "scim", "service", "srv", "svc", "sync",
			"system", "terraform",
		},
		identity.KindShared: {
			"frontdesk", "helpdesk", "hotline", "info", "kiosk", "mailbox", "office", "reception", "room", "shared", "team", "training",
		},
	}
}

// guess says what an account may be for that is no person's, and by what that shows; no kind if nothing says so. It is a
// guess: only a person can say.
func guess(pol *policy.Policy, a identity.Account, tie match.Tie) (kind identity.AccountKind, why string) {
	if entry, listed := pol.NonPersonal(a); listed {
		return entry.Kind, fmt.Sprintf("accounts.non_personal of the policy says so (%s)", entry.Name)
	}
	if rule := pol.ReviewService(a); rule != "" {
		return identity.KindService, "review.service_accounts of the policy says so"
	}
	words := usernameWords(a.Username)
	for _, kind := range []identity.AccountKind{identity.KindBreakGlass, identity.KindService, identity.KindShared} {
		for _, word := range telling()[kind] {
			if slices.Contains(words, word) {
				return kind, fmt.Sprintf("the username has the word %q", word)
			}
		}
	}
	if pol.Protected(a) != "" && tie != match.TieCandidate {
		return identity.KindBreakGlass, "safety.protected of the policy covers it"
	}
	nameless := strings.TrimSpace(a.FirstName) == "" || strings.TrimSpace(a.LastName) == ""
	if nameless && a.LastLogin.IsZero() && len(a.Roles) > 0 {
		return identity.KindService, "it has no full name, holds roles, and nobody has ever signed in by it"
	}
	return "", ""
}

// usernameWords are the words of a username before the @. Digits end a word.
func usernameWords(username string) []string {
	local, _, _ := strings.Cut(strings.ToLower(username), "@")
	return strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) })
}
