package google

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// limits are the reasons of a 403 that mean "later" and not "never". Source: Google, "Resolve errors" of Drive and Gmail.
var limits = map[string]bool{
	"userRateLimitExceeded": true, "rateLimitExceeded": true, "quotaExceeded": true, "dailyLimitExceeded": true,
	"sharingRateLimitExceeded": true, "RATE_LIMIT_EXCEEDED": true,
}

// policies are the reasons of a 403 that are about what was asked for, and about neither the credential nor anything else: a policy of the
// domain, or a restriction of a shared drive, that does not allow it. Source: Google, "Resolve errors" and restrictions of Drive.
var policies = map[string]bool{
	"domainPolicy": true, "shareOutNotPermitted": true, "shareInNotPermitted": true, "publishOutNotPermitted": true,
	"cannotShareTeamDriveWithNonGoogleAccounts": true, "teamDriveDomainUsersOnlyRestriction": true,
	"teamDriveTeamMembersOnlyRestriction": true, "teamDrivesSharingRestrictionNotAllowed": true, "teamDriveMembershipRequired": true,
}

// errPolicy is what such a 403 means.
var errPolicy = errors.New("a policy of the Google Workspace domain, or of the shared drive, does not allow it")

// fault sorts the library's errors into ours. Nothing of a reply's body but Google's own name of the error is kept.
func fault(op string, err error, now time.Time) error {
	var own *connectors.Error
	var answer *googleapi.Error
	var token *oauth2.RetrieveError
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	var cut cutError
	var sent *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		return connectors.FromTransport(System, op, context.Canceled)
	case errors.Is(err, httpx.ErrTooLarge):
		return connectors.FromTransport(System, op, httpx.ErrTooLarge)
	case errors.As(err, &cut):
		return connectors.FromTransport(System, op, deadline(err))
	case errors.As(err, &own):
		e := *own
		e.Op = op
		return &e
	case errors.As(err, &answer):
		return refusal(op, answer, now)
	case errors.As(err, &token):
		return noToken(op, token, now)
	case errors.As(err, &syntax), errors.As(err, &mismatch):
		return connectors.Malformed(System, op, 0, err)
	case errors.As(err, &sent):
		// No reply came, also where the connection was closed in place of one.
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &connectors.Error{System: System, Op: op, Kind: connectors.KindMalformed}
	}
	if errors.Is(err, httpx.ErrRedirect) {
		return connectors.FromTransport(System, op, httpx.ErrRedirect)
	}
	return connectors.FromTransport(System, op, deadline(err))
}

// deadline keeps of a transport's error what is safe to show: that it took too long. The rest names hosts and addresses.
func deadline(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return nil
}

func refusal(op string, answer *googleapi.Error, now time.Time) error {
	e := &connectors.Error{
		System: System, Op: op, Kind: connectors.KindOfStatus(answer.Code), Status: answer.Code,
		RetryAfter: httpx.RetryAfter(answer.Header, now),
	}
	for _, reason := range reasons(answer) {
		if e.Code == "" {
			e.Code = connectors.StableCode(reason)
		}
		if limits[reason] {
			e.Kind, e.Code = connectors.KindRateLimited, reason
		}
	}
	if e.Status == http.StatusForbidden && policies[e.Code] {
		e.Kind, e.Err = connectors.KindInvalid, errPolicy
	}
	if answer.Code < 400 {
		// The library takes any status but 2xx for an error.
		e.Kind = connectors.KindMalformed
	}
	return e
}

// reasons are Google's names of an error: one list in the older form of errors, another in the details of the newer one.
func reasons(answer *googleapi.Error) []string {
	var out []string
	for _, item := range answer.Errors {
		out = append(out, item.Reason)
	}
	for _, detail := range answer.Details {
		if fields, ok := detail.(map[string]any); ok {
			if reason, ok := fields["reason"].(string); ok {
				out = append(out, reason)
			}
		}
	}
	return out
}

// noToken reports that Google gave no access token. What it refuses is repaired in the Admin console: delegation not
// granted, a scope that is missing there, an identity that does not exist, a key that was deleted.
func noToken(op string, err *oauth2.RetrieveError, now time.Time) error {
	e := &connectors.Error{System: System, Op: op + ": get an access token", Kind: connectors.KindUnavailable}
	if err.Response == nil {
		return e
	}
	e.Status, e.RetryAfter = err.Response.StatusCode, httpx.RetryAfter(err.Response.Header, now)
	e.Code = connectors.StableCode(err.ErrorCode)
	var said struct {
		Error string `json:"error"`
	}
	if e.Code == "" && json.Unmarshal(err.Body, &said) == nil { // The library reads it of other grants only.
		e.Code = connectors.StableCode(said.Error)
	}
	switch {
	case e.Status == http.StatusTooManyRequests:
		e.Kind = connectors.KindRateLimited
	case e.Status >= 400 && e.Status < 500:
		e.Kind = connectors.KindUnauthorized
		e.Err = errors.New("grant the service account domain-wide delegation with the scopes of docs/configuration.md, for " +
			"identities that exist")
	}
	return e
}
