package ldap

import (
	"crypto/tls"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/stretchr/testify/require"
)

// message is a request with its parts.
func message(tag ber.Tag, parts ...*ber.Packet) []byte {
	m := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	m.AppendChild(number(1))
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	for _, p := range parts {
		op.AppendChild(p)
	}
	m.AppendChild(op)
	return m.Bytes()
}

func number(n int64) *ber.Packet {
	return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, n, "")
}

func list(tag ber.Tag, parts ...*ber.Packet) *ber.Packet {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, tag, nil, "")
	for _, part := range parts {
		p.AppendChild(part)
	}
	return p
}

func requests() [][]byte {
	enumerated := func(n int64) *ber.Packet {
		return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, n, "")
	}
	no := ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, "")
	text := octetString
	present := ber.NewString(ber.ClassContext, ber.TypePrimitive, filterPresent, "objectClass", "")
	equal := ber.Encode(ber.ClassContext, ber.TypeConstructed, filterEqual, nil, "")
	equal.AppendChild(text("uid"))
	equal.AppendChild(text("ada"))
	values := list(ber.TagSet, text("x"))
	return [][]byte{
		message(tagSearchRequest, text(Suffix), enumerated(2), enumerated(0), number(0), number(0), no, present, list(ber.TagSequence, text("uid"))),
		message(tagSearchRequest, text(Suffix), enumerated(2), enumerated(0), number(0), number(0), no, equal, list(ber.TagSequence)),
		message(tagAddRequest, text("uid=x,"+People), list(ber.TagSequence, list(ber.TagSequence, text("cn"), values))),
		message(tagModifyRequest, text("uid=ada,"+People), list(ber.TagSequence, list(ber.TagSequence, enumerated(2), list(ber.TagSequence, text("title"), values)))),
		message(tagRenameRequest, text("uid=ada,"+People), text("uid=ada"), no, ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, People, "")),
		message(tagBindRequest, number(3), text(BindDN), ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, Password, "")),
		message(tagExtendedRequest, ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, oidPassword, ""), ber.NewString(ber.ClassContext, ber.TypePrimitive, 1, "\x30\x00", "")),
	}
}

// TestNothingThatIsSentEndsTheServer sends requests in which bytes have been changed, by somebody who has signed in.
func TestNothingThatIsSentEndsTheServer(t *testing.T) {
	t.Parallel()
	s, err := Start(Options{Implicit: true})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	require.NoError(t, s.Add("uid=ada,"+People, "objectClass: inetOrgPerson", "cn: Ada", "sn: L"))
	random, all := rand.New(rand.NewPCG(1, 2)), requests() //nolint:gosec // The same every time.
	for range 600 {
		conn, err := tls.Dial("tcp", s.socket.Addr().String(), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // A server of this test.
		require.NoError(t, err)
		require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
		_, err = conn.Write(all[5])
		require.NoError(t, err)
		sent := append([]byte{}, all[random.IntN(len(all))]...)
		for range 1 + random.IntN(3) {
			// Lengths of the outermost element stay: a server waits for what was announced.
			sent[2+random.IntN(len(sent)-2)] = byte(random.IntN(256))
		}
		_, err = conn.Write(sent)
		require.NoError(t, err)
		require.NoError(t, conn.CloseWrite())
		_, _ = io.Copy(io.Discard, conn) // Whatever it says.
		_ = conn.Close()
	}
	_, there := s.Look(People)
	require.True(t, there)
}
