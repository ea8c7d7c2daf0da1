package handlers

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of one password hash: Argon2id with 19 MiB, two passes and one
// lane, the first choice of the OWASP Password Storage Cheat Sheet
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
const (
	argonMemory  = 19456 // KiB
	argonPasses  = 2
	argonLanes   = 1
	argonSaltLen = 16 // bytes, as RFC 9106 section 3.1 recommends
	argonKeyLen  = 32 // bytes
)

// What a stored hash may ask for at most, so that a damaged row cannot make
// the server work for minutes or take all memory.
const (
	argonMostMemory = 1 << 20 // KiB
	argonMostPasses = 16
	argonMostLanes  = 16
)

// Bounds of a password. The minimum is counted in characters; the maximum, in
// bytes, only keeps input bounded.
const (
	MinPasswordLength = 12
	maxPasswordBytes  = 1024
)

var errPasswordHash = errors.New("stored password hash is not an argon2id hash in PHC form")

// HashPassword hashes a password with Argon2id under a fresh salt read from
// rand, and writes it in the PHC string format,
// $argon2id$v=19$m=…,t=…,p=…$SALT$HASH. It fails only when rand does.
func HashPassword(rand io.Reader, password string) (string, error) {
	salt := make([]byte, argonSaltLen)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return "", fmt.Errorf("salt of a password: %w", err)
	}
	return phc(salt, argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, argonKeyLen)), nil
}

// phc writes a salt and what came out of a password with it, and the cost.
func phc(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		argonMemory, argonPasses, argonLanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// decoy is a hash that no password has, to check against when nobody has the
// e-mail: it costs the same time, and what it is made of is told to nobody.
func decoy() string { return phc(make([]byte, argonSaltLen), make([]byte, argonKeyLen)) }

// CheckPassword says whether password is the one that hash was made from. The
// cost is that which the hash names; the comparison takes the same time
// wherever the two differ. It fails on a hash that HashPassword did not write.
func CheckPassword(hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return false, errPasswordHash
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errPasswordHash
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, errPasswordHash
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	want, errKey := base64.RawStdEncoding.DecodeString(parts[5])
	switch {
	case errSalt != nil || errKey != nil || len(salt) < 8 || len(want) < 16 || len(want) > 128:
		return false, errPasswordHash
	case memory < 8 || memory > argonMostMemory || passes < 1 || passes > argonMostPasses || lanes < 1 || lanes > argonMostLanes:
		return false, errPasswordHash
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
