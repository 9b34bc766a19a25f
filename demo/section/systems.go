// Package section writes sections of gatehouse.yaml about what a sandbox plays. A file in the repository cannot have them: the sandbox
// makes their keys and certificates when it starts. The demo and the bench share it.
package section

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"gatehouse/sandbox/control"
	"gatehouse/sandbox/salesforce"
)

// GoogleKey is the file, beside the configuration, with the key of Google's service account.
const GoogleKey = "google-key.json"

const (
	certificate = "directory.pem"
	systems     = `systems:
  google:
    credentials: "file:` + GoogleKey + `"
    subject: gatehouse-admin@acme.example
    licences: [Google-Apps/1010020020]
    handover: true
    base_url: %[1]s/google
  salesforce:
    base_url: %[1]s/salesforce
    client_id: ` + salesforce.ClientID + `
    client_secret: ` + salesforce.ClientSecret + `
  ldap:
    kind: openldap
    url: %[2]q
    ca_file: ` + certificate + `
    bind_dn: %[3]q
    password: %[4]q
    people: %[5]q
    groups: %[6]q
`
)

// Systems is the section about the systems beside OneLogin, for a configuration in dir, where it writes the certificate of the directory.
func Systems(ctx context.Context, sandbox *control.Client, dir string) (string, error) {
	d, err := sandbox.LDAP(ctx)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, certificate), []byte(d.CA), 0o600); err != nil {
		return "", fmt.Errorf("write the certificate of the directory: %w", err)
	}
	return fmt.Sprintf(systems, sandbox.URL(), d.URL, d.BindDN, d.Password, d.People, d.Groups), nil
}
