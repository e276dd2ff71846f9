package openbadge

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const listBytes = 1 << 20

func TestStatusListRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(-1, 300000).Draw(t, "size")
		l := NewStatusList(size)
		set := rapid.SliceOfDistinct(rapid.IntRange(0, l.Len()-1), func(i int) int { return i }).Draw(t, "set")
		for _, i := range set {
			if !l.SetBit(i, true) {
				t.Fatalf("entry %d of %d refused", i, l.Len())
			}
		}
		cleared := len(set) > 0
		if cleared {
			l.SetBit(set[0], false)
		}
		text := l.Encode()
		if text != l.Encode() {
			t.Fatal("two encodings differ")
		}
		back, err := DecodeStatusList(text, listBytes)
		if err != nil || back.Len() != l.Len() || back.Len() < MinStatusList || back.Len() < size {
			t.Fatalf("got %d entries, %v; want %d", back.Len(), err, l.Len())
		}
		if !bytes.Equal(back.bits, l.bits) {
			t.Fatal("bits changed on the way")
		}
		for n, i := range set {
			if got, found := back.Bit(i); got != (n > 0) || !found {
				t.Fatalf("entry %d: got %v, %v", i, got, found)
			}
		}
	})
}

func TestStatusListOrder(t *testing.T) {
	l := NewStatusList(MinStatusList)
	for _, i := range []int{1, 8, 131071} {
		l.SetBit(i, true)
	}
	if l.bits[0] != 0x40 || l.bits[1] != 0x80 || l.bits[len(l.bits)-1] != 0x01 {
		t.Errorf("got %x %x … %x, want 40 80 … 01", l.bits[0], l.bits[1], l.bits[len(l.bits)-1])
	}
	for _, i := range []int{-1, 131072} {
		if _, found := l.Bit(i); found || l.SetBit(i, true) {
			t.Errorf("entry %d must not exist", i)
		}
	}
}

func TestStatusValue(t *testing.T) {
	l := &StatusList{bits: []byte{0b01_10_11_00, 0xff}}
	for _, c := range []struct {
		i, size int
		want    uint32
		found   bool
	}{
		{0, 2, 1, true}, {1, 2, 2, true}, {2, 2, 3, true}, {3, 2, 0, true}, {0, 8, 0b01101100, true}, {1, 8, 255, true},
		{2, 8, 0, false}, {0, 0, 0, false}, {0, 33, 0, false}, {-1, 1, 0, false}, {0, 16, 0x6cff, true}, {1, 16, 0, false},
		{1 << 60, 32, 0, false},
	} {
		if got, found := l.Value(c.i, c.size); got != c.want || found != c.found {
			t.Errorf("Value(%d, %d) = %d, %v; want %d, %v", c.i, c.size, got, found, c.want, c.found)
		}
	}
}

// Entries are at most 32 bits wide, however long the list.
func TestStatusValueOfWideEntries(t *testing.T) {
	l := NewStatusList(0)
	l.SetBit(31, true)
	if got, found := l.Value(0, 32); got != 1 || !found {
		t.Errorf("32 bits: got %d, %v, want 1", got, found)
	}
	if got, found := l.Value(0, 33); found {
		t.Errorf("33 bits: got %d, want none", got)
	}
}

func TestDecodeStatusListRefuses(t *testing.T) {
	pack := func(data []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(data)
		_ = w.Close()
		return b.Bytes()
	}
	good := pack(make([]byte, 1000))
	for name, text := range map[string]string{
		"empty": "", "prefix only": "u", "other base": "z" + b64.EncodeToString(good), "no base64": "u***", "no gzip": "uAAAAAAAA",
		"cut": "u" + b64.EncodeToString(good[:len(good)-9]), "wrong checksum": "u" + b64.EncodeToString(append(good[:len(good)-8:len(good)-8], make([]byte, 8)...)),
		"bomb": "u" + b64.EncodeToString(pack(make([]byte, 64<<20))), "one too many": "u" + b64.EncodeToString(pack(make([]byte, listBytes+1))),
	} {
		if _, err := DecodeStatusList(text, listBytes); !errors.Is(err, ErrStatusList) {
			t.Errorf("%s: got %v, want ErrStatusList", name, err)
		}
	}
	if l, err := DecodeStatusList("u"+b64.EncodeToString(pack(make([]byte, listBytes))), listBytes); err != nil || l.Len() != listBytes*8 {
		t.Errorf("exactly at the limit: %v", err)
	}
	if _, err := DecodeStatusList(b64.EncodeToString(good)+"==", listBytes); err != nil {
		t.Errorf("StatusList2021 form: %v", err)
	}
}

func TestStatusListOfSharedCase(t *testing.T) {
	var resources map[string]struct{ Body string }
	if err := json.Unmarshal(readCase(t, "ob3/generated--status-clear/resources.json"), &resources); err != nil {
		t.Fatal(err)
	}
	r, err := ReadCredential([]byte(resources["https://issuer.example/ob3/status/rev"].Body))
	if err != nil || !r.IsStatusList() {
		t.Fatalf("got %v, %v", r, err)
	}
	l, err := DecodeStatusList(text(r.Subject.Members["encodedList"]), listBytes)
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Bitstring []struct {
			SetIndexes []int
			Entries    int
		}
	}
	_ = json.Unmarshal(readCase(t, "vectors.json"), &vectors)
	want := vectors.Bitstring[0]
	set := 0
	for i := range l.Len() {
		if on, _ := l.Bit(i); on {
			set++
		}
	}
	if l.Len() != want.Entries || set != len(want.SetIndexes) {
		t.Errorf("got %d of %d set, want %v of %d", set, l.Len(), want.SetIndexes, want.Entries)
	}
	for _, i := range want.SetIndexes {
		if on, _ := l.Bit(i); !on {
			t.Errorf("entry %d is not set", i)
		}
	}
}

func TestEncodedListIsSmall(t *testing.T) {
	if text := NewStatusList(0).Encode(); len(text) > 100 || !strings.HasPrefix(text, "uH4s") {
		t.Errorf("an empty list takes %d characters: %.20s", len(text), text)
	}
}
