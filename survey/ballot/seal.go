package ballot

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

// KeyBytes is the least length of a wave's box key.
const KeyBytes = 32

// Sizes of AES-256-GCM as the standard library makes it.
const (
	boxKeyBytes = 32
	nonceBytes  = 12
	tagBytes    = 16
)

// SealedBytes is the length of a sealed box in bytes. It depends on the
// capacity and the slot only, never on the ballots.
func SealedBytes(capacity, slot int) int { return nonceBytes + capacity*slot + tagBytes }

// Seal shuffles the slots of b with rand, then seals the whole box with
// AES-256-GCM: nonce ‖ ciphertext ‖ tag. The key is HKDF-SHA256 of the wave's
// box key (at least KeyBytes) with the box id as info; wave and box id are
// associated data, so that a box put in another's place does not open.
//
// The nonce is random. With 96 bits, and a box sealed twice a second through
// a wave of four weeks (under 2^23 times under one key), two nonces agree with
// a chance below 2^-51; NIST SP 800-38D, section 8.3, allows 2^32 times.
//
// It fails when the key is too short or rand fails; b then holds the same
// ballots as before, perhaps in another order.
func Seal(rand io.Reader, key []byte, wave, id string, b *Box) ([]byte, error) {
	aead, err := boxCipher(key, id)
	if err != nil {
		return nil, fmt.Errorf("seal ballot box: %w", err)
	}
	if err := b.shuffle(rand); err != nil {
		return nil, fmt.Errorf("shuffle ballot box: %w", err)
	}
	sealed := make([]byte, nonceBytes, SealedBytes(b.Capacity(), b.slot))
	if _, err := io.ReadFull(rand, sealed); err != nil {
		return nil, fmt.Errorf("nonce of ballot box: %w", err)
	}
	return aead.Seal(sealed, sealed[:nonceBytes], b.bytes, associated(wave, id)), nil
}

// Unseal opens a sealed box whose slots have slot bytes each, the size that the
// wave's manifest fixed. It returns ErrSealed for anything that Seal did not
// make with this key, wave and id, and where the bytes cannot be slots of that
// size.
func Unseal(key []byte, wave, id string, slot int, sealed []byte) (*Box, error) {
	body := len(sealed) - SealedBytes(0, slot)
	if slot <= sheetAt || body < slot || body%slot != 0 {
		return nil, ErrSealed
	}
	aead, err := boxCipher(key, id)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	plain, err := aead.Open(nil, sealed[:nonceBytes], sealed[nonceBytes:], associated(wave, id))
	if err != nil {
		return nil, ErrSealed
	}
	b := &Box{slot: slot, bytes: plain}
	for i := range b.Capacity() {
		// The slot's size is not part of the associated data: read with
		// another one, answers stand where the flag is looked for.
		if b.at(i)[flagAt] > taken {
			return nil, ErrSealed
		}
	}
	return b, nil
}

// Open opens a sealed box for the release: the first sheetBytes of every
// ballot, in the order of the last shuffle, without the nullifiers. It returns
// ErrSealed as Unseal does, and ErrSize when a slot has no room for
// sheetBytes.
func Open(key []byte, wave, id string, slot, sheetBytes int, sealed []byte) ([][]byte, error) {
	if sheetBytes < 0 || sheetBytes > slot-sheetAt {
		return nil, ErrSize
	}
	b, err := Unseal(key, wave, id, slot, sealed)
	if err != nil {
		return nil, err
	}
	sheets := make([][]byte, 0, b.Len())
	for i := range b.Capacity() {
		if s := b.at(i); s[flagAt] == taken {
			// A copy: a slice of the box would keep the nullifiers in memory.
			sheets = append(sheets, append([]byte(nil), s[sheetAt:sheetAt+sheetBytes]...))
		}
	}
	return sheets, nil
}

// boxCipher is the AEAD of one box of a wave.
func boxCipher(key []byte, id string) (cipher.AEAD, error) {
	if len(key) < KeyBytes {
		return nil, fmt.Errorf("box key of %d bytes: want at least %d", len(key), KeyBytes)
	}
	boxKey, err := hkdf.Key(sha256.New, key, nil, id, boxKeyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive box key: %w", err)
	}
	block, err := aes.NewCipher(boxKey)
	if err != nil {
		return nil, fmt.Errorf("box cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("box cipher: %w", err)
	}
	return aead, nil
}

// associated is wave ‖ box id, each with its length in front, so that no two
// pairs give the same bytes.
func associated(wave, id string) []byte {
	data := make([]byte, 0, 8+len(wave)+len(id))
	for _, s := range []string{wave, id} {
		data = binary.BigEndian.AppendUint32(data, uint32(len(s)))
		data = append(data, s...)
	}
	return data
}
