package onelogin_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/onelogin"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Subject{
		System:    "onelogin",
		Handler:   func(t *testing.T) http.Handler { return newTenant(t) },
		TokenPath: "/auth/oauth2/v2/token",
		New: func(t *testing.T, env conformance.Env) conformance.Calls {
			c, err := onelogin.New(onelogin.Options{
				BaseURL: env.BaseURL, ClientID: clientID, ClientSecret: clientSecret,
				HTTP: env.HTTP, Log: env.Log, Timeout: env.Timeout, MaxBody: env.MaxBody,
			})
			if err != nil {
				t.Fatal(err)
			}
			return conformance.Calls{
				Read: func(ctx context.Context) error {
					users, err := c.UsersByEmail(ctx, adaEmail)
					if err == nil && len(users) != 1 {
						return fmt.Errorf("found %d users", len(users))
					}
					return err
				},
				List: func(ctx context.Context) (int, error) {
					ids := map[int64]bool{}
					for u, err := range c.Users(ctx, onelogin.UserFilter{}) {
						if err != nil {
							return 0, err
						}
						ids[u.ID] = true
					}
					return len(ids), nil
				},
			}
		},
		Listed:  5,
		Planted: []string{clientSecret, "tok-0", adaEmail, "ada.lovelace"},
		Fault: func(status int, text string) string {
			return fmt.Sprintf(`{"statusCode":%d,"name":"SomeError","message":%q,"description":%q}`, status, text, text)
		},
		RateLimit400: `{"status":{"error":true,"code":400,"type":"bad request","message":"rate_limit_exceeded"}}`,
	})
}
