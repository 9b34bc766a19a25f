package app

import (
	"context"
	"fmt"
	"maps"
	"os"

	"gatehouse/connectors/google/workspace"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/internal/policyfile"
	"gatehouse/policy"
	"gatehouse/policy/system"
)

// Installed is what a policy has to fit.
func Installed(c *config.Config) policyfile.Installed {
	i := policyfile.Installed{Sources: c.Sources(), Systems: c.Systems.Names(), ReadEvery: c.Schedules.SystemsWhole()}
	if c.Systems.Google.Handover {
		i.Handover = []string{workspace.System}
	}
	return i
}

// readsOnly keeps a target from writing to anybody.
func readsOnly(target.Account) string { return "this program only reads" }

// protectedBy asks a policy whether an account of any system is protected. A reason names a rule and nobody.
func protectedBy(current func() *policy.Policy) func(target.Account) string {
	return func(a target.Account) string { return current().Protected(a.Document) }
}

// targets connects the systems beside OneLogin that are configured, by their names. It sends nothing.
func (a *App) targets(protected func(target.Account) string) (map[string]target.System, error) {
	found := map[string]target.System{}
	for _, name := range a.Config.Systems.Names() {
		t, err := a.target(name, protected)
		if err != nil {
			return nil, err
		}
		found[name] = t
	}
	return found, nil
}

// target connects one system.
func (a *App) target(name string, protected func(target.Account) string) (t target.System, err error) {
	switch cfg := a.Config.Systems; name {
	case workspace.System:
		t, err = a.workspace(cfg.Google, protected)
	case salesforce.System:
		t, err = a.salesforce(cfg.Salesforce, protected)
	case ldap.System:
		t, err = a.directory(cfg.LDAP, protected)
	}
	if err != nil {
		return nil, fmt.Errorf("systems.%s: %w", name, err)
	}
	return t, nil
}

// SystemReader connects one system that is configured; it refuses every write.
func (a *App) SystemReader(name string) (target.System, error) { return a.target(name, readsOnly) }

// SystemObjects reads what a system has that a policy may name.
func (a *App) SystemObjects(ctx context.Context, name string) ([]system.Object, error) {
	t, err := a.SystemReader(name)
	if err != nil {
		return nil, err
	}
	objects, silent := objectsOf(ctx, map[string]target.System{name: t}, []string{name})
	return objects[name], silent[name]
}

func (a *App) workspace(c config.Workspace, protected func(target.Account) string) (target.System, error) {
	return workspace.New(workspace.Options{
		Credentials: c.Credentials, Admin: c.Subject, Domain: c.Domain, ExternalIDType: c.ExternalIDType, SKUs: c.Licences, NoMailScopes: !c.Handover,
		BaseURL: c.BaseURL, TokenURL: c.TokenURL, Timeout: c.Timeout, Protected: protected, Clock: a.clock,
	})
}

func (a *App) salesforce(c config.Salesforce, protected func(target.Account) string) (target.System, error) {
	client, err := salesforce.New(salesforce.Options{
		BaseURL: c.BaseURL, ClientID: c.ClientID, ClientSecret: c.ClientSecret, Key: c.Key, Username: c.Username, Version: c.Version,
		ExternalIDField: c.ExternalIDField, Timeout: c.Timeout, Protected: protected, Clock: a.clock,
		New: salesforce.Defaults{
			ProfileID: c.New.ProfileID, TimeZone: c.New.TimeZone, Locale: c.New.Locale, Language: c.New.Language, Encoding: c.New.Encoding,
			UsernameSuffix: c.New.UsernameSuffix,
		},
	})
	if err != nil {
		return nil, err
	}
	return salesforce.NewTarget(client), nil
}

func (a *App) directory(c config.LDAP, protected func(target.Account) string) (target.System, error) {
	var ca []byte
	if c.CAFile != "" {
		var err error
		if ca, err = os.ReadFile(c.CAFile); err != nil {
			return nil, fmt.Errorf("read ca_file: %w", err)
		}
	}
	t, err := ldap.New(ldap.Options{
		Kind: ldap.Kind(c.Kind), URL: c.URL, CA: ca, BindDN: c.BindDN, Password: c.Password.Reveal(), People: c.People, Groups: c.Groups,
		CreateIn: c.CreateIn, ExternalID: c.ExternalID, EmptyMember: c.EmptyMember, Timeout: c.Timeout, Protected: protected, Clock: a.clock,
	})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() error { t.Close(); return nil })
	return t, nil
}

// reached are all systems, OneLogin among them.
func (v *Vendors) reached(onelogin target.System) map[string]target.System {
	all := map[string]target.System{identity.SystemOneLogin: onelogin}
	maps.Copy(all, v.targets)
	return all
}
