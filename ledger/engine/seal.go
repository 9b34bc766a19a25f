package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"gatehouse/internal/keyring"
)

// A stored value starts with a byte that says how to read the rest.
const (
	markClear  = 0x00 // the value itself
	markSealed = 0x01 // length of the key's name, the name, nonce and ciphertext
)

// Place is where a value is stored: the table and column, and the row's key.
func Place(column string, row ...string) []byte {
	return []byte(column + "\x00" + strings.Join(row, "\x00"))
}

// Seal turns a value into what is stored. Nothing becomes NULL. The table, the row and the column are authenticated with the
// value, so that it cannot be moved to another row. Values that were written before there was a key stay readable.
func (db *DB) Seal(at, value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	if db.seal == nil {
		return append([]byte{markClear}, value...)
	}
	name := db.seal.Active()
	out := make([]byte, 0, 2+len(name)+len(value)+db.seal.Overhead())
	out = append(append(out, markSealed, byte(len(name))), name...)
	return db.seal.Seal(out, value, at)
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
	value, err := db.seal.Open(name, stored[end:], at)
	switch {
	case errors.Is(err, keyring.ErrNoKey):
		return nil, fmt.Errorf("open %s: ledger key %q is needed and not configured", column, name)
	case err != nil:
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

// exactly begins the digest of a value as it is written. What earlier versions kept has not got it, and takes notice neither of case nor
// of composition nor of spaces at the ends.
const exactly = "="

// ValueDigest makes a value comparable as it is written without storing it. An empty value has the empty digest.
func (db *DB) ValueDigest(value string) string {
	if value == "" {
		return ""
	}
	return exactly + db.ExactDigest([]byte(value))
}

// SameValue reports that a stored digest is of a value.
func (db *DB) SameValue(digest, value string) bool {
	if strings.HasPrefix(digest, exactly) {
		return digest == db.ValueDigest(value)
	}
	return digest == db.Digest(value)
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
