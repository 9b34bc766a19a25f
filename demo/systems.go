package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"gatehouse/activities/api"
)

// addSystems adds the section of the configuration about the systems beside OneLogin. The file in the repository cannot have it: the
// sandbox makes the key of Google's service account and the certificate of the directory.
func (h *house) addSystems(ctx context.Context, configFile string) error {
	directory, err := h.sandbox.LDAP(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(h.dir, "directory.pem"), []byte(directory.CA), 0o600); err != nil {
		return fmt.Errorf("write the demo's files: %w", err)
	}
	text, err := os.ReadFile(configFile)
	if err != nil {
		return fmt.Errorf("read the demo's files: %w", err)
	}
	text = fmt.Appendf(text, `systems:
  google:
    credentials: file:google-key.json
    subject: gatehouse-admin@acme.example
    licences: [Google-Apps/1010020020]
    handover: true
    base_url: %[1]s/google
  salesforce:
    base_url: %[1]s/salesforce
    client_id: sandbox-salesforce
    client_secret: sandbox-salesforce-secret
  ldap:
    kind: openldap
    url: %[2]s
    ca_file: directory.pem
    bind_dn: %[3]q
    password: %[4]s
    people: %[5]q
    groups: %[6]q
`, h.sandbox.URL(), directory.URL, directory.BindDN, directory.Password, directory.People, directory.Groups)
	if err := os.WriteFile(configFile, text, 0o600); err != nil {
		return fmt.Errorf("write the demo's files: %w", err)
	}
	return nil
}

// sweep reads a system beside OneLogin whole.
func (s *scene) sweep(ctx context.Context, system string) error {
	id, err := s.app.Launch.SystemSweep(ctx, api.SystemSweepRequest{System: system, Full: true})
	if err != nil {
		return err
	}
	var out api.SystemSweepOutcome
	if err := s.app.Temporal.GetWorkflow(ctx, id, "").Get(ctx, &out); err != nil {
		return fmt.Errorf("the reading of %s: %w", system, err)
	}
	if !out.Swept.Complete {
		return fmt.Errorf("the reading of %s: %s", system, out.Result)
	}
	s.say("%s: %d accounts read", system, out.Swept.Seen)
	return nil
}
