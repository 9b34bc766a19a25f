package engine

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Sealer encrypts what the ledger stores about people: AES-256-GCM with a random nonce, under the active key of a
// keyring. The table, the row and the column are authenticated with it, so a value cannot be moved to another row.
// Values written under an older key stay readable as long as that key is in the ring, and values written before there
// was a key stay readable too.
type Sealer struct {
	active string
	ring   map[string]cipher.AEAD
}

// NewSealer makes a sealer that writes with the key named active. Keys are 32 random bytes by name; a name of 1 to 255
// bytes is stored in clear beside each value.
func NewSealer(active string, keys map[string][]byte) (*Sealer, error) {
	s := &Sealer{active: active, ring: make(map[string]cipher.AEAD, len(keys))}
	for name, key := range keys {
		if name == "" || len(name) > 255 {
			return nil, errors.New("ledger key: the name must have 1 to 255 bytes")
		}
		if len(key) != 32 {
			return nil, fmt.Errorf("ledger key %q: %d bytes given, 32 needed", name, len(key))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("ledger key %q: %w", name, err)
		}
		if s.ring[name], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, fmt.Errorf("ledger key %q: %w", name, err)
		}
	}
	if s.ring[active] == nil {
		return nil, fmt.Errorf("ledger key %q is the active one but not among the keys", active)
	}
	return s, nil
}

// A stored value starts with a byte that says how to read the rest.
const (
	markClear  = 0x00 // the value itself
	markSealed = 0x01 // length of the key's name, the name, nonce and ciphertext
)

// Place is where a value is stored: the table and column, and the row's key.
func Place(column string, row ...string) []byte {
	return []byte(column + "\x00" + strings.Join(row, "\x00"))
}

// Seal turns a value into what is stored. Nothing becomes NULL.
func (db *DB) Seal(at, value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	if db.seal == nil {
		return append([]byte{markClear}, value...)
	}
	name := db.seal.active
	aead := db.seal.ring[name]
	out := make([]byte, 0, 2+len(name)+len(value)+aead.Overhead())
	out = append(append(out, markSealed, byte(len(name))), name...)
	return aead.Seal(out, nil, value, at)
}

// Open is the reverse of Seal.
func (db *DB) Open(at, stored []byte) ([]byte, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	column, _, _ := strings.Cut(string(at), "\x00")
	switch {
	case stored[0] == markClear:
		return stored[1:], nil
	case stored[0] != markSealed || len(stored) < 2 || len(stored) < 2+int(stored[1]):
		return nil, fmt.Errorf("open %s: the stored value is damaged", column)
	case db.seal == nil:
		return nil, fmt.Errorf("open %s: the value is sealed and no ledger key is configured", column)
	}
	end := 2 + int(stored[1])
	name := string(stored[2:end])
	aead := db.seal.ring[name]
	if aead == nil {
		return nil, fmt.Errorf("open %s: ledger key %q is needed and not configured", column, name)
	}
	value, err := aead.Open(nil, nil, stored[end:], at)
	if err != nil {
		return nil, fmt.Errorf("open %s with ledger key %q: %w", column, name, err)
	}
	return value, nil
}

// OpenText is Open for a column of text.
func (db *DB) OpenText(at, stored []byte) (string, error) {
	plain, err := db.Open(at, stored)
	return string(plain), err
}

// Digest makes a value comparable without storing it: the HMAC-SHA-256 (without a key the SHA-256) in hex of the value
// after trimming, Unicode composition and case folding. An empty value has the empty digest.
func (db *DB) Digest(value string) string {
	value = cases.Fold().String(norm.NFC.String(strings.TrimSpace(value)))
	if value == "" {
		return ""
	}
	return db.ExactDigest([]byte(value))
}

// ExactDigest is Digest of a value as it is.
func (db *DB) ExactDigest(value []byte) string {
	if len(db.digestKey) == 0 {
		sum := sha256.Sum256(value)
		return hex.EncodeToString(sum[:])
	}
	mac := hmac.New(sha256.New, db.digestKey)
	mac.Write(value)
	return hex.EncodeToString(mac.Sum(nil))
}
