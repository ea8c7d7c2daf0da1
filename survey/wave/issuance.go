package wave

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"attune/survey"
	"attune/survey/store"
	"attune/survey/ticket"
)

// Issuance state of a group is one record a roster position: a flag and a hash
// of the blinded element that was stamped. It is sealed as a whole with a key
// in the key folder, under a fresh nonce at every write, so that neither the
// database nor a copy of it tells who has drawn a ticket and who has not.
const (
	recordBytes = 1 + sha256.Size
	drawn       = 1
)

var errIssuanceSealed = errors.New("issuance state does not open")

// sealNobodyDrew makes the issuance state of all electronic groups.
func (w *Waves) sealNobodyDrew(id survey.WaveID, key keys, groups []survey.Group) ([]store.SealedIssuance, error) {
	var sealed []store.SealedIssuance
	for _, g := range groups {
		if g.Way != survey.Electronic {
			continue
		}
		raw, err := w.sealIssuance(id, key, g.ID, make([]byte, g.Headcount*recordBytes))
		if err != nil {
			return nil, err
		}
		sealed = append(sealed, store.SealedIssuance{Group: g.ID, Sealed: raw})
	}
	return sealed, nil
}

// ticketPublicKey is what the manifest promises; empty when nobody draws.
func ticketPublicKey(key keys, groups []survey.Group) (string, error) {
	for _, g := range groups {
		if g.Way == survey.Electronic {
			issuer, err := ticket.ParseIssuerKey(key.Ticket)
			if err != nil {
				return "", err
			}
			return hex.EncodeToString(issuer.PublicKey()), nil
		}
	}
	return "", nil
}

func (w *Waves) sealIssuance(id survey.WaveID, key keys, group string, records []byte) ([]byte, error) {
	aead, err := issuanceCipher(key, group)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(w.cfg.Rand, nonce); err != nil {
		return nil, fmt.Errorf("nonce: %w", err)
	}
	return aead.Seal(nonce, nonce, records, issuanceData(id, group)), nil
}

func openIssuance(id survey.WaveID, key keys, group string, sealed []byte) ([]byte, error) {
	aead, err := issuanceCipher(key, group)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, fmt.Errorf("group %s: %w", group, errIssuanceSealed)
	}
	records, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], issuanceData(id, group))
	if err != nil {
		return nil, fmt.Errorf("group %s: %w", group, errIssuanceSealed)
	}
	return records, nil
}

func issuanceCipher(key keys, group string) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, key.Issuance, nil, "attune/v1 issuance\x00"+group, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("issuance key: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("issuance key: %w", err)
	}
	return cipher.NewGCM(block)
}

// issuanceData binds a sealed state to its wave and group.
func issuanceData(id survey.WaveID, group string) []byte {
	data := binary.BigEndian.AppendUint32(nil, uint32(len(id))) //nolint:gosec // a wave's id is a few letters
	return append(append(data, id...), group...)
}

// record notes that the ticket at a place was stamped for a blinded element.
// The same element again changes nothing, so that a lost reply heals; another
// one is refused: one person, one ticket.
func record(records []byte, place int, blinded [sha256.Size]byte) error {
	if place < 0 || (place+1)*recordBytes > len(records) {
		return fmt.Errorf("place %d of %d records", place, len(records)/recordBytes)
	}
	one := records[place*recordBytes : (place+1)*recordBytes]
	if one[0] == drawn {
		if subtle.ConstantTimeCompare(one[1:], blinded[:]) == 1 {
			return nil
		}
		return survey.Fail(survey.Conflict, "ticket.drawn", nil)
	}
	one[0] = drawn
	copy(one[1:], blinded[:])
	return nil
}
