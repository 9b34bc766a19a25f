// Command serve serves agents over a ledger of its own, with a few people in it, for the judges and clients of test/mcp. It prints
// where, in a line of JSON. The conformance suite cannot be given a token: a proxy in front adds one.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"gatehouse/agents"
	"gatehouse/gateway"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

//go:embed policy.yaml
var policyText []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "gatehouse-mcp-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // The system's own directory for such things: nothing depends on it.
	rules, err := policy.Parse("policy.yaml", everybody())
	if err != nil {
		return err
	}
	books, err := ledger.Open(ctx, filepath.Join(dir, "ledger.db"), ledger.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = books.Close() }()
	if err := people(ctx, books); err != nil {
		return err
	}
	var tokens []string
	for i := range judges {
		token := agents.TokenPrefix + strings.Repeat(fmt.Sprint("judge", i), 10)
		if _, err := books.Agents().AddToken(ctx, token, judge(i), "test", time.Now().Add(time.Hour)); err != nil {
			return err
		}
		tokens = append(tokens, token)
	}
	inner, outer, err := listeners(ctx)
	if err != nil {
		return err
	}
	handler := agents.New(agents.Options{
		Policy: func() *policy.Policy { return rules }, Ledger: books, URL: address(inner), Clock: time.Now,
		Launch: func(context.Context, string) error { return nil }, // Nobody carries out what the judges ask for.
		Log:    slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	go func() { _ = gateway.Run(ctx, inner, agents.Server(handler), time.Second) }() // Its end is this program's.
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: inner.Addr().String()})
		r.Out.Host = r.In.Host
		r.Out.Header.Set("Authorization", "Bearer "+tokens[0])
	}}
	served := places{URL: address(inner), Proxy: address(outer), Tokens: tokens}
	if err := json.NewEncoder(os.Stdout).Encode(served); err != nil {
		return err
	}
	web := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Second}
	go func() {
		<-ctx.Done()
		_ = web.Close()
	}()
	if err := web.Serve(outer); ctx.Err() == nil {
		return err
	}
	return nil
}

// judges is how many agents there are. Each client is one of its own: together they ask so often about an administrator that one agent
// would be quarantined.
const judges = 10

func judge(i int) string { return fmt.Sprintf("judge-%d", i) }

// everybody is the policy with all of them.
func everybody() []byte {
	head, rest, _ := strings.Cut(string(policyText), "  - name: judge\n")
	one, end, _ := strings.Cut(rest, "end: policy")
	text := head
	for i := range judges {
		text += "  - name: " + judge(i) + "\n" + one
	}
	return []byte(text + "end: policy" + end)
}

// places are where the server is reached: by clients with the token, and by the suite through the proxy.
type places struct {
	URL   string `json:"url"`
	Proxy string `json:"proxy"`
	// Tokens are one for each agent; the proxy has the first.
	Tokens []string `json:"tokens"`
}

func address(l net.Listener) string { return "http://" + l.Addr().String() + "/mcp" }

func listeners(ctx context.Context) (inner, outer net.Listener, err error) {
	var listen net.ListenConfig
	if inner, err = listen.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, nil, err
	}
	outer, err = listen.Listen(ctx, "tcp", "127.0.0.1:0")
	return inner, outer, err
}

// people are whom the judges find. The last is an administrator.
func people(ctx context.Context, books *ledger.Ledger) error {
	for i, name := range []string{"Ada Lovelace", "Grace Hopper", "Alan Turing", "Root Adams"} {
		id := fmt.Sprint(i + 1)
		key, doc := "workday-"+id, identity.Account{ID: int64(100 + i), Status: identity.AccountActive, Title: "Engineer", Roles: []string{"Mail"}}
		doc.FirstName, doc.LastName, _ = strings.Cut(name, " ")
		doc.Email = strings.ToLower(doc.FirstName) + "@acme.example"
		if doc.FirstName == "Root" {
			doc.Roles = append(doc.Roles, "Super admin")
		}
		if _, err := books.People().Admit(ctx, key, "workday", id, persons.Digests{WorkEmail: books.Digest(doc.Email)}); err != nil {
			return err
		}
		if _, err := books.People().SetEmployed(ctx, key, true); err != nil {
			return err
		}
		ref := identity.OneLoginRef(doc.ID)
		account := inventory.Account{Ref: ref, Document: doc, Status: doc.Status, Digests: books.Inventory().AccountDigests(doc)}
		if _, err := books.Inventory().Observe(ctx, time.Now(), []inventory.Account{account}); err != nil {
			return err
		}
		if err := books.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: ref, Person: key, Use: identity.UsePrimary, By: "test"}); err != nil {
			return err
		}
	}
	return nil
}
