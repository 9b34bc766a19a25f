package sign

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/ledger/policies"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
)

// Signer is a private key and whose it is, as an operator's files keep it.
type Signer struct {
	Address string    `json:"address"`
	Seed    string    `json:"seed"`
	Expires time.Time `json:"expires,omitzero"`

	key ed25519.PrivateKey
}

// keyDir is where an operator's keys are.
func keyDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the directory for the operator's key: %w", err)
	}
	return filepath.Join(dir, "gatehouse"), nil
}

func readSigner(path string) (*Signer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others: chmod 600 it, and make a new key if anybody may have", path)
	}
	text, err := os.ReadFile(path) //nolint:gosec // The operator names their own key.
	if err != nil {
		return nil, err
	}
	var s Signer
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("%s is no key that `starter key` or `starter login` made", path)
	}
	seed, err := base64.StdEncoding.DecodeString(s.Seed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s is no key that `starter key` or `starter login` made", path)
	}
	s.key = ed25519.NewKeyFromSeed(seed)
	return &s, nil
}

func (s *Signer) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the directory for the operator's key: %w", err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the operator's key: %w", err)
	}
	return nil
}

func newSigner(address string) (*Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return &Signer{Address: address, Seed: base64.StdEncoding.EncodeToString(key.Seed()), key: key}, nil
}

// over reports that the sign-in which the key is of has ended. A key of one's own never ends.
func (s *Signer) over(now time.Time) bool { return !s.Expires.IsZero() && !s.Expires.After(now) }

func (s *Signer) public() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// Decision signs the answer to a question of a run.
func (s *Signer) Decision(workflow string, d api.Decision) *api.Proof {
	return decider.Sign(s.key, workflow, d, time.Now())
}

// Cause signs one answer to all questions that wait because of one cause.
func (s *Signer) Cause(c decider.Cause, questions []decider.Question) *decider.SignedCause {
	return decider.SignCause(s.key, c, questions, time.Now())
}

// KeyFlag adds the flag that names the key of a decision.
func KeyFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "key", "", "the operator's key that signs it, where the policy names who may decide (default: the one that key or login has made)")
}

// Find reads the key of an operator: the one of a file, or that of a sign-in which is not over, or their own.
func Find(keyFile string, now time.Time) (*Signer, error) {
	if keyFile != "" {
		s, err := readSigner(keyFile)
		if err != nil {
			return nil, fmt.Errorf("read --key: %w", err)
		}
		if s.over(now) {
			return nil, fmt.Errorf("--key %s: the sign-in of %s is over since %s: `starter login` again", keyFile, s.Address, s.Expires.UTC().Format("2006-01-02 15:04 MST"))
		}
		return s, nil
	}
	dir, err := keyDir()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"login.json", "operator.key"} {
		s, err := readSigner(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) || err == nil && s.over(now) {
			continue
		}
		return s, err
	}
	return nil, decider.ErrUnproven
}

// Key makes the command key.
func Key() *cobra.Command {
	var address, path string
	cmd := &cobra.Command{
		Use: "key", Short: "Make a key of your own that signs your decisions",
		Long: `Make a key of your own that signs your decisions.

The private half stays in a file that only you can read. The command prints the entry for deciders.people in policy.yaml with
the public half: whoever changes the policy decides what you may decide. A key that is there already is printed and kept.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path == "" {
				dir, err := keyDir()
				if err != nil {
					return err
				}
				path = filepath.Join(dir, "operator.key")
			}
			s, err := readSigner(path)
			switch {
			case err == nil && identity.BareAddress(s.Address) != identity.BareAddress(address):
				return fmt.Errorf("%s is the key of %s: name another file with --file", path, s.Address)
			case errors.Is(err, fs.ErrNotExist):
				if !strings.Contains(address, "@") {
					return fmt.Errorf("--address %q is not an e-mail address: write your work address", address)
				}
				if s, err = newSigner(address); err != nil {
					return err
				}
				err = s.write(path)
			}
			if err != nil {
				return err
			}
			cmd.Printf("the private key is in %s\n\ndeciders:\n  people:\n    - address: %s\n      key: %s\n      may: [step, plan]   # or any of: %s\n",
				path, s.Address, decider.FormatKey(s.public()), strings.Join(policy.MayWords(), ", "))
			return nil
		},
	}
	cmd.Flags().StringVar(&address, "address", "", "your work address, as deciders.people names you")
	cmd.Flags().StringVar(&path, "file", "", "where the private key is kept (default operator.key in your configuration directory)")
	cmdline.Must(cmd.MarkFlagRequired("address"))
	return cmd
}

// Login makes the command login.
func Login(p *cmdline.Program) *cobra.Command {
	return &cobra.Command{
		Use: "login", Short: "Sign in at the identity provider, to decide for the next eight hours",
		Long: `Sign in at the identity provider, to decide for the next eight hours.

It shows an address and a code to confirm in a browser (OAuth's device flow), and keeps a key that speaks for you in a file that
only you can read. Workers verify the provider's signature. The provider is deciders.issuer in gatehouse.yaml.`,
		Args: cobra.NoArgs,
		RunE: p.Open(config.Needs{}, app.Options{Steering: true, Lenient: true}, func(cmd *cobra.Command, a *app.App) error {
			return login(cmd, a)
		}),
	}
}

func login(cmd *cobra.Command, a *app.App) error {
	d := a.Config.Deciders
	if d.Issuer == "" {
		return errors.New("deciders.issuer is not set in the configuration: there is nowhere to sign in. Use an operator's key instead: `starter key`")
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), 10*time.Minute)
	defer cancel()
	provider, err := decider.Discover(ctx, d.Issuer, d.ClientID)
	if err != nil {
		return err
	}
	raw, err := provider.SignIn(ctx, func(url, code string) {
		cmd.Printf("open %s and enter the code %s\n", url, code)
	})
	if err != nil {
		return err
	}
	now := time.Now()
	address, err := provider.Verify(ctx, raw, now)
	if err != nil {
		return err
	}
	s, err := newSigner(address)
	if err != nil {
		return err
	}
	s.Expires = now.Add(decider.SessionLife)
	err = a.Ledger.Policies().AddDeciderSession(ctx, policies.DeciderSession{
		KeyID: decider.KeyID(s.public()), PublicKey: slices.Clone(s.public()), Token: raw, IssuedAt: now, ExpiresAt: s.Expires,
	})
	if err != nil {
		return err
	}
	dir, err := keyDir()
	if err != nil {
		return err
	}
	if err := s.write(filepath.Join(dir, "login.json")); err != nil {
		return err
	}
	cmd.Printf("signed in as %s until %s\n", address, s.Expires.Local().Format("15:04"))
	return nil
}
