package workday

import (
	"bufio"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// asUTF8 reads a report that a tenant or a proxy has written in UTF-16, or with a mark at its beginning, as the JSON that it is.
// JSON begins with a sign of ASCII, so that the first two octets say which encoding it has.
func asUTF8(r io.Reader) io.Reader {
	in := bufio.NewReader(r)
	head, err := in.Peek(3)
	if err != nil && len(head) < 2 {
		return in // Whatever that is, the decoder of JSON says what is wrong with it.
	}
	switch {
	case head[0] == 0xFE && head[1] == 0xFF, head[0] == 0 && head[1] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(in)
	case head[0] == 0xFF && head[1] == 0xFE, head[0] != 0 && head[1] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(in)
	case len(head) == 3 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF:
		if _, err := in.Discard(3); err != nil {
			return in
		}
	}
	return in
}
