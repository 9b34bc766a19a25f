package tenant

import (
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
	"time"
)

// Tenant is the ground all vendors of one sandbox share. It is safe for concurrent use.
type Tenant struct {
	Journal *Journal
	Faults  *Faults

	clock   func() time.Time
	offset  atomic.Int64
	latency atomic.Int64
	secrets atomic.Uint64
	seed    uint64
}

// New returns a tenant on the given clock; a nil clock means the machine's.
func New(clock func() time.Time, seed uint64) *Tenant {
	if clock == nil {
		clock = time.Now
	}
	return &Tenant{Journal: NewJournal(), Faults: NewFaults(), clock: clock, seed: seed}
}

// Now is the tenant's time in UTC: the clock plus whatever Advance has added.
func (t *Tenant) Now() time.Time {
	return t.clock().Add(time.Duration(t.offset.Load())).UTC()
}

// WallClock is the clock's time in UTC, whatever Advance has added: what another program on this machine has.
func (t *Tenant) WallClock() time.Time { return t.clock().UTC() }

// Advance moves the tenant's time forward.
func (t *Tenant) Advance(d time.Duration) { t.offset.Add(int64(d)) }

// Today is the tenant's calendar day in UTC, written as 2006-01-02.
func (t *Tenant) Today() string { return t.Now().Format(time.DateOnly) }

// SetLatency makes every vendor call take at least d longer.
func (t *Tenant) SetLatency(d time.Duration) { t.latency.Store(int64(d)) }

// Secret returns a new opaque token. It is unique within the tenant, reproducible from the seed, and no secret at all:
// nothing in a sandbox is worth guessing.
func (t *Tenant) Secret() string {
	var b [24]byte
	n := t.secrets.Add(1)
	for i := range 3 {
		binary.BigEndian.PutUint64(b[i*8:], mix(t.seed+n*3+uint64(i)))
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// mix is the finaliser of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}
