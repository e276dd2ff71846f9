package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// place is where the reading of a body stands: at the beginning of a physical line. The first line is 1.
type place struct {
	Offset int64
	Line   int64
}

// lineMost is how many bytes a line may have, as many as the body of a POST.
const lineMost = 1 << 20

// physical is a line of the body without its end.
type physical struct {
	text    string
	at, end place
	long    bool // it has more than lineMost bytes; text is the beginning
	broken  bool // it is not in the encoding
}

// lines reads a body line by line. Lines may be given back, which are then read again.
type lines struct {
	in       *bufio.Reader
	encoding string
	at       place
	back     []physical
	raw      []byte
}

func newLines(in io.Reader, encoding string, at place) *lines {
	return &lines{in: bufio.NewReaderSize(in, 64<<10), encoding: encoding, at: at}
}

// next is the next line; io.EOF after the last.
func (l *lines) next() (physical, error) {
	if len(l.back) > 0 {
		p := l.back[0]
		l.back = l.back[1:]
		return p, nil
	}
	p := physical{at: l.at}
	size, err := l.read(&p.long)
	if err != nil && !(errors.Is(err, io.EOF) && size > 0) {
		return p, err
	}
	l.at = place{p.at.Offset + size, p.at.Line + 1}
	p.end = l.at
	text, whole := decode(l.raw, l.encoding)
	p.broken = !whole && !p.long
	p.text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	return p, nil
}

// giveBack has lines read again, in their order.
func (l *lines) giveBack(list ...physical) { l.back = append(list[:len(list):len(list)], l.back...) }

// read reads one line into raw, as much of it as a line may have, and returns how many bytes it has in the body.
func (l *lines) read(long *bool) (size int64, err error) {
	l.raw = l.raw[:0]
	var before byte
	for {
		part, err := l.in.ReadSlice('\n')
		if len(part) > 1 {
			before = part[len(part)-2]
		}
		size += int64(len(part))
		if len(l.raw) < lineMost {
			l.raw = append(l.raw, part...)
		} else {
			*long = true
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return size, err
		}
		if err == nil {
			ended, more := l.ended(size, before)
			size += more
			if ended {
				return size, nil
			}
		}
		if len(part) > 0 {
			before = part[len(part)-1]
		}
	}
}

// ended reports whether a byte that looks like the end of a line is one. UTF-16 has two for it, of which the second may
// have to be read, and has that byte in other characters.
func (l *lines) ended(size int64, before byte) (ended bool, more int64) {
	switch l.encoding {
	case utf16LE:
		if size%2 == 0 {
			return false, 0
		}
		next, err := l.in.ReadByte()
		if err != nil {
			return true, 0
		}
		l.raw = append(l.raw, next)
		return next == 0, 1
	case utf16BE:
		return size%2 == 0 && before == 0, 0
	}
	return true, 0
}

// looksBinary reports a body that is no text, by how it begins.
func looksBinary(head []byte) bool {
	for _, begin := range []string{"PK\x03\x04", "\xd0\xcf\x11\xe0", "\x1f\x8b", "%PDF-"} {
		if bytes.HasPrefix(head, []byte(begin)) {
			return true
		}
	}
	return false
}
