package workspace

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"google.golang.org/api/googleapi"

	"gatehouse/connectors"
	"gatehouse/connectors/google"
	"gatehouse/connectors/target"
)

// Codes of refusals that Google has one reason for, several meanings, and free text.
const (
	CodeCreating  = "creation_not_complete"
	CodeNoSeat    = "no_licence_left"
	CodeLicensed  = "another_licence"
	CodeChanged   = "changed_meanwhile"
	CodeAbuse     = "suspended_for_abuse"
	CodeArchive   = "no_archived_user_licence"
	CodeNoMailbox = target.CodeNoMailbox
)

// meaning is what a refusal means by Google's words.
type meaning struct {
	status int
	words  string
	kind   connectors.Kind
	code   string
	advice string
}

// meanings are found by the beginning of Google's message, whatever its case.
var meanings = []meaning{
	{http.StatusPreconditionFailed, "user creation is not complete", connectors.KindUnavailable, CodeCreating, ""},
	{http.StatusPreconditionFailed, "there aren't enough available licenses", connectors.KindConflict, CodeNoSeat, "all licences of this kind are in use: buy more, or release some"},
	{http.StatusPreconditionFailed, "user already has a license", connectors.KindConflict, CodeLicensed, "the user has another licence of the same product"},
	{http.StatusPreconditionFailed, "cannot restore a user suspended for abuse", connectors.KindInvalid, CodeAbuse, "Google suspended the user for abuse: only its support restores it"},
	{http.StatusPreconditionFailed, "insufficient archived user licenses", connectors.KindInvalid, CodeArchive, "archiving needs a licence for archived users"},
	{http.StatusPreconditionFailed, "precondition failed", connectors.KindConflict, CodeChanged, "somebody else changed the user meanwhile"},
	{http.StatusNotFound, "domain not found", connectors.KindInvalid, "no_such_domain", "the address is of no domain of the company"},
	{http.StatusBadRequest, "invalid password", connectors.KindInvalid, target.CodePasswordPolicy, "Google takes passwords of 8 to 100 ASCII characters, as strong as the Admin console demands"},
	{http.StatusBadRequest, "invalid input: invalid_ou_id", connectors.KindInvalid, "no_such_org_unit", "create the organizational unit, or correct its path"},
	{http.StatusBadRequest, "mail service not enabled", connectors.KindInvalid, CodeNoMailbox, "the user has no mailbox, or is suspended: what is set in a mailbox is set before the suspension"},
	{http.StatusBadRequest, "delegate user is not active", connectors.KindInvalid, "delegate_not_active", "the one who is to read the mailbox is suspended or has no mailbox"},
	{http.StatusBadRequest, "invalid delegate", connectors.KindInvalid, "invalid_delegate", "a mailbox is delegated to another user of the company, by the primary address"},
	{http.StatusForbidden, "mail delegation is not enabled", connectors.KindInvalid, "delegation_not_enabled", "allow mail delegation for the user's organizational unit in the Admin console"},
}

// errRights is what a caller without the right is told. Google says the same about an address of another company.
var errRights = errors.New("give the administrator that Gatehouse acts for the privileges of docs/google-workspace.md; only a super " +
	"administrator may change other administrators")

// explain gives an error its meaning, in words that hold nothing of the reply.
func explain(answer *googleapi.Error, e *connectors.Error) {
	said := strings.ToLower(answer.Message)
	for _, m := range meanings {
		if e.Status == m.status && strings.HasPrefix(said, m.words) {
			e.Kind, e.Code = m.kind, m.code
			if m.advice != "" {
				e.Err = errors.New(m.advice)
			}
			return
		}
	}
	if e.Status == http.StatusForbidden && e.Kind == connectors.KindUnauthorized && e.Code == "forbidden" {
		e.Err = errRights
	}
}

func invalid(op, problem string) error {
	return &connectors.Error{System: google.System, Op: op, Kind: connectors.KindInvalid, Err: errors.New(problem)}
}

func malformed(op, problem string) error {
	return &connectors.Error{System: google.System, Op: op, Kind: connectors.KindMalformed, Err: errors.New(problem)}
}

// kindOf reports that an error is of a kind.
func kindOf(err error, kind connectors.Kind) bool {
	var e *connectors.Error
	return errors.As(err, &e) && e.Kind == kind
}

// codeOf reports that an error has a code.
func codeOf(err error, code string) bool {
	var e *connectors.Error
	return errors.As(err, &e) && e.Code == code
}

// The forms of Google's ids: of users digits, of groups letters and digits.
var (
	idForm    = regexp.MustCompile(`^[0-9]{5,25}$`)
	groupForm = regexp.MustCompile(`^[0-9a-z]{5,40}$`)
)

// named refuses an id that Google cannot have given to a user. An address would be taken, and be somebody else's tomorrow.
func named(op, id string) error {
	if idForm.MatchString(id) {
		return nil
	}
	return invalid(op, "a user is named by the id of digits that Google gave, and by no address")
}

// namedGroup refuses an id that Google cannot have given to a group.
func namedGroup(op, id string) error {
	if groupForm.MatchString(id) {
		return nil
	}
	return invalid(op, "a group is named by the id that Google gave, and by no address")
}
