package google_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/api/drive/v3"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/google"
	"gatehouse/internal/httpx"
)

const (
	robot       = "gatehouse-robot@acme.example"
	adaEmail    = "ada.lovelace@acme.example"
	accessToken = "ya29.planted-access-token"
)

// privateKey is made once, because that takes a while. It opens nothing.
var privateKey = sync.OnceValues(func() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
})

// serviceAccount is a key as the Cloud console hands it out.
func serviceAccount(t *testing.T, base string) httpx.Secret {
	t.Helper()
	key, err := privateKey()
	require.NoError(t, err)
	data, err := json.Marshal(map[string]string{
		"type": "service_account", "private_key_id": "k1", "private_key": key, "token_uri": base + "/token",
		"client_email": "gatehouse@acme.iam.gserviceaccount.com",
	})
	require.NoError(t, err)
	return httpx.Secret(data)
}

// workspace is a Drive with one file that five people may open.
func workspace() http.Handler {
	reply := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v) // The client may be gone.
	}
	signedIn := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+accessToken {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next(w, r)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || strings.Count(r.FormValue("assertion"), ".") != 2 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		reply(w, map[string]any{"access_token": accessToken, "expires_in": 3600, "token_type": "Bearer"})
	})
	mux.HandleFunc("GET /drive/v3/files/{id}", signedIn(func(w http.ResponseWriter, r *http.Request) {
		reply(w, map[string]any{"id": r.PathValue("id")})
	}))
	mux.HandleFunc("GET /drive/v3/files/{id}/permissions", signedIn(func(w http.ResponseWriter, r *http.Request) {
		first := 1
		if token := r.URL.Query().Get("pageToken"); token != "" {
			if _, err := fmt.Sscan(token, &first); err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
		}
		page := map[string]any{}
		var people []map[string]string
		for i := first; i < min(first+2, 6); i++ {
			people = append(people, map[string]string{"id": fmt.Sprint(i), "emailAddress": adaEmail})
		}
		if page["permissions"] = people; first+2 < 6 {
			page["nextPageToken"] = fmt.Sprint(first + 2)
		}
		reply(w, page)
	}))
	return mux
}

func TestConformance(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Subject{
		System:    "google",
		Handler:   func(*testing.T) http.Handler { return workspace() },
		TokenPath: "/token",
		New: func(t *testing.T, env conformance.Env) conformance.Calls {
			c, err := google.New(google.Options{
				Credentials: serviceAccount(t, env.BaseURL), Subject: robot, Sender: robot, BaseURL: env.BaseURL,
				HTTP: env.HTTP, Timeout: env.Timeout, MaxBody: env.MaxBody,
			})
			require.NoError(t, err)
			return conformance.Calls{
				Read: func(ctx context.Context) error {
					file, err := google.Call(ctx, c, "read a file", func(ctx context.Context) (*drive.File, error) {
						return c.Drive.Files.Get("f1").Fields("id").Context(ctx).Do()
					})
					if err == nil && file.Id != "f1" {
						return fmt.Errorf("read file %q", file.Id)
					}
					return err
				},
				List: func(ctx context.Context) (int, error) {
					ids := map[string]bool{}
					_, err := google.Call(ctx, c, "read who may open a file", func(ctx context.Context) (bool, error) {
						return true, c.Drive.Permissions.List("f1").Pages(ctx, func(page *drive.PermissionList) error {
							for _, p := range page.Permissions {
								ids[p.Id] = true
							}
							return nil
						})
					})
					return len(ids), err
				},
			}
		},
		Listed:  5,
		Planted: []string{accessToken, robot, adaEmail, "BEGIN PRIVATE KEY"},
		Fault: func(status int, text string) string {
			return fmt.Sprintf(`{"error":{"code":%d,"message":%q,"status":"SOME_STATUS","errors":[{"message":%q,"domain":"global","reason":"someReason"}]}}`,
				status, text, text)
		},
		NotApplicable: map[conformance.Case]string{
			conformance.RateLimitAs400: "Google answers 429, or 403 with a reason; TestWhatGoogleRefuses has that",
		},
	})
}
