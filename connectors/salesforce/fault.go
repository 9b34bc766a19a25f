package salesforce

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// The codes that callers may branch on. The others are Salesforce's own, such as DUPLICATE_USERNAME.
const (
	// CodeSeveral is a write by an external id that several users have. Nothing was done.
	CodeSeveral = "several_external_ids"
	// CodeRefused is a deactivation that the org does not allow. The account was frozen: it lets nobody in, and keeps its licence.
	CodeRefused = "deactivation_refused"

	// codeForeignNotFound is a 404 in none of Salesforce's words.
	codeForeignNotFound = "not_found_by_something_else"
	// codeSightLost is a read of ours that the org does not understand any more.
	codeSightLost = "right_missing"
)

// wireFault is one error of a reply. The message can quote what was sent: it is read here and shown nowhere.
type wireFault struct {
	ErrorCode string `json:"errorCode"`
	// StatusCode is what collections call it.
	StatusCode string `json:"statusCode"`
	Message    string `json:"message"`
}

func (f wireFault) code() string { return connectors.StableCode(or(f.ErrorCode, f.StatusCode)) }

// kinds are the kinds of errors by Salesforce's code. Sources: REST API Developer Guide, Status Codes and Error Responses; SOAP API
// Developer Guide, StatusCode.
var kinds = map[string]connectors.Kind{
	"UNABLE_TO_LOCK_ROW":                            connectors.KindUnavailable,
	"SERVER_UNAVAILABLE":                            connectors.KindUnavailable,
	"UNKNOWN_EXCEPTION":                             connectors.KindUnavailable,
	"REQUEST_RUNNING_TOO_LONG":                      connectors.KindUnavailable,
	"QUERY_TIMEOUT":                                 connectors.KindUnavailable,
	"ORG_LOCKED":                                    connectors.KindUnavailable,
	"REQUEST_LIMIT_EXCEEDED":                        connectors.KindRateLimited,
	"DUPLICATE_USERNAME":                            connectors.KindConflict,
	"DUPLICATE_VALUE":                               connectors.KindConflict,
	"DUPLICATE_EXTERNAL_ID":                         connectors.KindConflict,
	"LICENSE_LIMIT_EXCEEDED":                        connectors.KindConflict,
	"INSUFFICIENT_ACCESS":                           connectors.KindUnauthorized,
	"INSUFFICIENT_ACCESS_OR_READONLY":               connectors.KindUnauthorized,
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": connectors.KindUnauthorized,
	"API_DISABLED_FOR_ORG":                          connectors.KindUnauthorized,
	"API_CURRENTLY_DISABLED":                        connectors.KindUnauthorized,
	"INVALID_SESSION_ID":                            connectors.KindUnauthorized,
	"INVALID_FIELD_FOR_INSERT_UPDATE":               connectors.KindUnauthorized,
}

// remedies are what to do about codes that the kind's advice is too general for.
var remedies = map[string]string{
	"DUPLICATE_USERNAME":              "some org in the world has a user of this name; choose another username, such as one with a suffix of the company's",
	"LICENSE_LIMIT_EXCEEDED":          "every licence of the profile is in use; free one or buy more",
	"REQUEST_LIMIT_EXCEEDED":          "the org's requests of 24 hours are used up; see Setup > Company Information",
	"INVALID_FIELD_FOR_INSERT_UPDATE": "the run-as user may not write a field; give it the rights that docs/salesforce.md names",
	"UNSUPPORTED_API_VERSION":         "the API's version is retired; set a newer one",
	codeSightLost:                     "the run-as user does not see what Gatehouse reads; give it the rights that docs/salesforce.md names",
}

// fault turns a reply that is no success into an error.
func (c *Client) fault(op string, reply httpx.Reply) *connectors.Error {
	e := &connectors.Error{
		System: System, Op: op, Status: reply.Status, Kind: connectors.KindOfStatus(reply.Status),
		RetryAfter: httpx.RetryAfter(reply.Header, c.clock()),
	}
	if reply.Status == http.StatusMultipleChoices {
		e.Kind, e.Code = connectors.KindConflict, CodeSeveral
		e.Err = errors.New("several users have this external id; find them in Salesforce, leave it with one of them, and make the field unique")
		return e
	}
	if reply.Status < http.StatusBadRequest {
		e.Kind = connectors.KindMalformed
		return e
	}
	var list []wireFault
	if json.Unmarshal(reply.Body, &list) == nil && len(list) > 0 {
		classify(e, list[0])
	}
	if e.Kind == connectors.KindNotFound && e.Code != "NOT_FOUND" && e.Code != "ENTITY_IS_DELETED" {
		// A proxy's page, or a wrong address. Only Salesforce itself can say that a record does not exist.
		e.Kind, e.Code = connectors.KindUnavailable, codeForeignNotFound
	}
	return e
}

// classify takes over what Salesforce says about a failure. A server that fails is unavailable whatever it says.
func classify(e *connectors.Error, f wireFault) {
	e.Code = f.code()
	if kind, known := kinds[e.Code]; known && e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests {
		e.Kind = kind
	}
	if remedy := remedies[e.Code]; remedy != "" {
		e.Err = errors.New(remedy)
	}
}

// sight turns the refusal of a query of ours into what it means: its form never changes, so that a field or object which the org
// does not know is one that the run-as user must not see any more.
func sight(err error) error {
	var e *connectors.Error
	if errors.As(err, &e) && (e.Code == "INVALID_FIELD" || e.Code == "INVALID_TYPE") {
		e.Kind, e.Code, e.Err = connectors.KindUnauthorized, codeSightLost, errors.New(remedies[codeSightLost])
	}
	return err
}

// reasons are why a user cannot be deactivated, by words in Salesforce's message, and what to do about each. No other word of the
// message is shown: it can name people. Sources: help.salesforce.com articles 000384761, 000384586 and 000386275.
var reasons = []struct{ words, todo string }{
	{"default owner of leads", "it is the default owner of leads; name another in Setup > Lead Settings"},
	{"lead owner", "it is the default owner of leads; name another in Setup > Lead Settings"},
	{"owner of cases", "it is the default owner of cases; name another in Setup > Support Settings"},
	{"case owner", "it is the default owner of cases; name another in Setup > Support Settings"},
	{"default workflow user", "it is the default workflow user; name another in Setup > Process Automation Settings"},
	{"web to lead", "it is the default creator of web-to-lead; name another in Setup > Web-to-Lead"},
	{"hierarchy field", "it is the value of a hierarchy field of other users; empty that field there"},
	{"approver", "it approves in an active approval process; name another in Setup > Approval Processes"},
	{"email alert", "it is the only recipient of an e-mail alert; add another in Setup > Email Alerts"},
	{"assignment rule", "an assignment rule gives it records; change the rule in Setup"},
	{"last active administrator", "it is the last active administrator; make another first"},
}

// refusal is a deactivation that the org does not allow.
func refusal(op string, e *connectors.Error, message string) *connectors.Error {
	todo := "open the user in Salesforce and deactivate it there: the page says what it is needed for"
	for _, r := range reasons {
		if strings.Contains(strings.ToLower(message), r.words) {
			todo = r.todo
			break
		}
	}
	return &connectors.Error{
		System: System, Op: op, Kind: connectors.KindConflict, Status: e.Status, Code: CodeRefused,
		Err: errors.New("the account lets nobody in and keeps its licence, because the org needs it: " + todo),
	}
}
