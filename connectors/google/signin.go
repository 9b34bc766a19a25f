package google

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	oauth "golang.org/x/oauth2/google"

	"gatehouse/internal/httpx"
)

// tokenTimeout bounds the fetch of an access token. The library takes no context of a caller for it.
const tokenTimeout = 30 * time.Second

// signedIn returns a client that calls as subject. The key has been checked.
func signedIn(base *http.Client, o Options, subject string, scopes []string) *http.Client {
	fetch := func(ctx context.Context) (httpx.Token, error) {
		key, err := oauth.JWTConfigFromJSON([]byte(o.Credentials.Reveal()), scopes...)
		if err != nil {
			return httpx.Token{}, err
		}
		key.Subject = subject
		if o.TokenURL != "" {
			key.TokenURL = o.TokenURL
		}
		// A client of its own, because the library's fetch ends by the client's timeout and by nothing else.
		fetcher := *base
		fetcher.Timeout = tokenTimeout
		var refused error
		fetcher.CheckRedirect = func(req *http.Request, via []*http.Request) error {
			refused = base.CheckRedirect(req, via)
			return refused
		}
		token, err := key.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, &fetcher)).Token()
		if refused != nil {
			return httpx.Token{}, refused // the library keeps the text of it and loses the error
		}
		if err != nil {
			return httpx.Token{}, err
		}
		return httpx.Token{Value: httpx.Secret(token.AccessToken), Expires: token.Expiry}, nil
	}
	client := *base
	// A token ends by the clock of the machine, whatever clock the rest of the process is on.
	client.Transport = &signed{next: base.Transport, tokens: httpx.NewTokens(fetch, time.Now)}
	return &client
}

// signed adds an access token to each request, and repeats a request once with a new one if Google rejects the first.
type signed struct {
	next   http.RoundTripper
	tokens *httpx.Tokens
}

// RoundTrip implements http.RoundTripper.
func (s *signed) RoundTrip(req *http.Request) (*http.Response, error) {
	var resp *http.Response
	err := s.tokens.Do(req.Context(), func(token httpx.Secret) (int, error) {
		attempt := req.Clone(req.Context())
		if resp != nil {
			resp.Body.Close()
		}
		if req.GetBody != nil {
			body, err := req.GetBody()
			if err != nil {
				return 0, err
			}
			attempt.Body = body
		}
		attempt.Header.Set("Authorization", "Bearer "+token.Reveal())
		var err error
		resp, err = s.next.RoundTrip(attempt) //nolint:bodyclose // the caller closes it, as with every RoundTripper
		if err != nil {
			return 0, err
		}
		return resp.StatusCode, nil
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}
