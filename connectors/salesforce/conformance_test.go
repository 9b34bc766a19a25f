package salesforce_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	sandbox "gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/tenant"
)

const listed = 230

// crowd is an org with so many users that a list has several pages.
func crowd(t *testing.T) http.Handler {
	t.Helper()
	ground := tenant.New(nil, 1)
	site := sandbox.New(ground, sandbox.Key{})
	require.NoError(t, site.SetLicences("Salesforce", 500))
	for i := range listed - len(site.State().Users) {
		_, err := site.AddUser(sandbox.Person{Username: fmt.Sprintf("user%d@acme.example.crm", i), FirstName: "Ada", LastName: "Lovelace"})
		require.NoError(t, err)
	}
	return ground.Handler(site.Vendor())
}

func TestConformance(t *testing.T) {
	t.Parallel()
	many := crowd(t)
	conformance.Run(t, conformance.Subject{
		System:    salesforce.System,
		Handler:   func(*testing.T) http.Handler { return many },
		TokenPath: "/salesforce/services/oauth2/token",
		New: func(t *testing.T, env conformance.Env) conformance.Calls {
			c, err := salesforce.New(salesforce.Options{
				BaseURL: env.BaseURL + "/salesforce", ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret,
				HTTP: env.HTTP, Timeout: env.Timeout, MaxBody: env.MaxBody,
			})
			require.NoError(t, err)
			org := salesforce.NewTarget(c)
			return conformance.Calls{
				Read: func(ctx context.Context) error {
					got, err := org.Licences(ctx, target.LicencesRequest{})
					if err == nil && len(got.Licences) != 3 {
						return fmt.Errorf("found %d licences", len(got.Licences))
					}
					return err
				},
				List: func(ctx context.Context) (int, error) {
					ids, in := map[string]bool{}, target.ListRequest{}
					for {
						page, err := org.List(ctx, in)
						if err != nil {
							return 0, err
						}
						for _, a := range page.Accounts {
							ids[a.Ref.ID] = true
						}
						if in.Cursor = page.Next; in.Cursor == "" {
							return len(ids), nil
						}
					}
				},
			}
		},
		Listed:  listed,
		Planted: []string{sandbox.ClientSecret, "Lovelace", "user7@acme.example.crm"},
		Fault: func(status int, text string) string {
			code := map[int]string{
				http.StatusUnauthorized: "INVALID_SESSION_ID", http.StatusNotFound: "NOT_FOUND", http.StatusForbidden: "INSUFFICIENT_ACCESS",
				http.StatusTooManyRequests: "REQUEST_LIMIT_EXCEEDED",
			}[status]
			if code == "" {
				code = "UNKNOWN_EXCEPTION"
			}
			return fmt.Sprintf(`[{"message":%q,"errorCode":%q,"fields":[%q]}]`, text, code, text)
		},
		NotApplicable: map[conformance.Case]string{
			conformance.RateLimitAs400: "Salesforce answers 403",
		},
	})
}
