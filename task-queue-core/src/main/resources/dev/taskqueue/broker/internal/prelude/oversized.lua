-- For the scripts that hand entries to a worker: no entry that is longer than any task may be leaves Redis.
-- What is kept of such an entry: up to 2 MiB all of its bytes, else the first 200. To write 2 MiB as JSON takes Redis some
-- 50 ms as text and up to 400 ms as random bytes, which is why a script ends its turn with the first one that it meets.
local KEPT_BYTES = 2097152

-- Pushes the envelope of an oversized entry; the entry itself is the caller's to remove, afterwards.
-- returns whether it could
local function bury_oversized(dead, raw, limit)
  local preview = string.gsub(string.sub(raw, 1, 200), '[^\32-\126]', '.')
  local envelope = string.format(
    '{"reason":"malformed","last_error":"the entry is %d bytes long; at most %d are allowed","died_at":%d,"size":%d,"preview":',
    #raw, limit, now_ms(), #raw) .. cjson.encode(preview)
  if #raw <= KEPT_BYTES then
    -- Each character stands for one byte (ISO 8859-1): valid JSON whatever the bytes are, and readable where it can be.
    local text = cjson.encode(raw)
    if string.find(raw, '[\128-\255]') then
      local escapes = {}
      for byte = 128, 255 do
        escapes[string.char(byte)] = string.format('\\u%04x', byte)
      end
      text = string.gsub(text, '[\128-\255]', escapes)
    end
    envelope = envelope .. ',"raw_latin1":' .. text
  end
  return type(redis.pcall('LPUSH', dead, envelope .. '}')) == 'number'
end

