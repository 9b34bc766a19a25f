package google

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/tenant"
)

// Account is the service account's address.
const Account = "gatehouse@acme-sandbox.iam.gserviceaccount.com"

const keyID = "sandbox-key-1"

// audiences are Google's own token endpoints. Most libraries name one of them, wherever they send the assertion.
var audiences = []string{"https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token", "https://accounts.google.com/o/oauth2/token"}

// tokenLife is how long an access token lasts.
const tokenLife = time.Hour

// Key is the service account's key. The zero value is one that this process makes for itself, once, because making one
// takes a while. It opens nothing but sandboxes.
type Key struct{ private *rsa.PrivateKey }

var serviceKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func (k Key) rsa() (*rsa.PrivateKey, error) {
	if k.private != nil {
		return k.private, nil
	}
	key, err := serviceKey()
	if err != nil {
		return nil, fmt.Errorf("make a service account key: %w", err)
	}
	return key, nil
}

// JSON is the key as the Cloud console would hand it out, for the sandbox at a base URL.
func (k Key) JSON(base string) ([]byte, error) {
	key, err := k.rsa()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make a service account key: %w", err)
	}
	return json.Marshal(map[string]string{
		"type": "service_account", "project_id": "acme-sandbox", "private_key_id": keyID, "client_email": Account,
		"client_id": "100000000000000000001", "token_uri": strings.TrimSuffix(base, "/") + "/" + Name + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
}

// ReadKey reads what JSON wrote.
func ReadKey(data []byte) (Key, error) {
	var parts struct {
		Private string `json:"private_key"`
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return Key{}, errors.New("read a service account key: it is not JSON")
	}
	block, _ := pem.Decode([]byte(parts.Private))
	if block == nil {
		return Key{}, errors.New("read a service account key: it holds no private_key in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return Key{}, errors.New("read a service account key: its private_key is not one of RSA")
	}
	return Key{private: key}, nil
}

// ServiceAccountKey is the key that this process made for itself, for the sandbox at a base URL.
func ServiceAccountKey(base string) ([]byte, error) { return Key{}.JSON(base) }

// ServiceAccountKey is the service account's key, for the sandbox at a base URL.
func (g *Google) ServiceAccountKey(base string) ([]byte, error) { return g.key.JSON(base) }

// claims is what the service account asks for.
type claims struct {
	Iss   string `json:"iss"`
	Scope string `json:"scope"`
	Aud   string `json:"aud"`
	Exp   int64  `json:"exp"`
	Iat   int64  `json:"iat"`
	Sub   string `json:"sub"`
	Prn   string `json:"prn"`
}

// issueToken is the JWT bearer grant of RFC 7523.
func (g *Google) issueToken(c *tenant.Call) tenant.Reply {
	refuse := func(status int, code, text string) tenant.Reply {
		return tenant.JSON(status, map[string]string{"error": code, "error_description": text})
	}
	form := c.Form()
	if form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return refuse(http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: "+form.Get("grant_type"))
	}
	asked, err := g.verify(form.Get("assertion"))
	if err != nil {
		return refuse(http.StatusBadRequest, "invalid_grant", err.Error())
	}
	if !strings.HasSuffix(asked.Aud, "/"+Name+"/token") && !slices.Contains(audiences, asked.Aud) {
		return refuse(http.StatusBadRequest, "invalid_grant", "Invalid JWT: the audience is not the token endpoint")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	scopes := strings.Fields(asked.Scope)
	for _, s := range scopes {
		if len(g.settings.Scopes) > 0 && !slices.Contains(g.settings.Scopes, s) {
			return refuse(http.StatusUnauthorized, "unauthorized_client",
				"Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.")
		}
	}
	if len(scopes) == 0 {
		return refuse(http.StatusBadRequest, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
	}
	user := asked.Sub
	if user == "" {
		user = Account
	} else if !strings.HasSuffix(user, "@"+Domain) || !g.people.SignsIn(user) {
		return refuse(http.StatusBadRequest, "invalid_grant", "Invalid email or User ID")
	}
	value := "ya29." + g.t.Secret()
	g.tokens[value] = token{user: user, scopes: scopes, expires: time.Now().Add(tokenLife)}
	c.Client(user)
	c.Subject("user", user)
	return tenant.JSON(http.StatusOK, map[string]any{
		"access_token": value, "expires_in": int(tokenLife.Seconds()), "token_type": "Bearer",
	})
}

// verify checks the assertion's signature and times, by the machine's clock: it was made by another program.
func (g *Google) verify(assertion string) (claims, error) {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return claims{}, errors.New("Bad Request")
	}
	var head struct {
		Alg string `json:"alg"`
		Typ string `json:"typ"`
		Kid string `json:"kid"`
	}
	var asked claims
	for i, into := range []any{&head, &asked} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return claims{}, refusal("Invalid JWT: Failed to parse")
		}
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return claims{}, refusal("Invalid JWT Signature.")
	}
	key, err := g.key.rsa()
	if err != nil {
		return claims{}, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	// The key's id may be left out, as Google's Node library does: then every key of the account is tried.
	if head.Alg != "RS256" || head.Kid != "" && head.Kid != keyID || rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return claims{}, refusal("Invalid JWT Signature.")
	}
	now := time.Now().Unix()
	if asked.Iss != Account || asked.Exp-asked.Iat > 3600 || asked.Exp < now || asked.Iat > now+60 {
		return claims{}, refusal("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.")
	}
	return asked, nil
}

// refusal is why a token is refused, in Google's own words.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }
