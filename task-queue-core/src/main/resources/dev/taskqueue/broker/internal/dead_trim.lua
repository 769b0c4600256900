-- Takes dead letters away, the oldest first: those beyond a number, and those that died too long ago. One that does not say when
-- it died goes by the number alone.
-- Needs now_ms, stride
-- KEYS  1 dead
-- ARGV  1 how many letters are kept at most (0: all), 2 for how long (ms; 0: for ever), 3 how many of the oldest were looked at
--       before and stay, 4 how many to look at at most, 5 after how many bytes to stop, 6 what stands before the id in the
--       key of a status, 7 how long a status is kept from now on that has no end yet (ms)
-- returns how many are gone, how many of the oldest stay by now, and 1 if more may be to go, else 0
local call, protected = redis.call, pcall
local dead = KEYS[1]
local most, ttl, passed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local left, room, status_prefix, status_ttl = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7]
if call('TYPE', dead).ok ~= 'list' then
  return { 0, 0, 0 }
end
local excess = most > 0 and call('LLEN', dead) - most or 0
if excess > 0 then
  passed = 0
end
local now = now_ms()
local gone, more = 0, 1

local function read(text)
  local ok, fields = protected(cjson.decode, text)
  return ok and type(fields) == 'table' and fields or {}
end

-- When it died, and its id; nil where it does not say.
local function facts(raw)
  if #raw > 1048576 then
    -- So long is only the envelope of an oversized entry, which begins with that; to read all of it would take too long.
    return tonumber(string.match(string.sub(raw, 1, 1024), '"died_at":(%d+)')), nil
  end
  local fields = read(raw)
  return tonumber(fields.died_at), type(fields.id) == 'string' and fields.id or nil
end

-- A task of the same id may be under way again.
local function let_expire(id)
  local status = status_prefix .. id
  local text = redis.pcall('GET', status)
  if type(text) == 'string' and read(text).state == 'dead' and call('PTTL', status) == -1 then
    call('PEXPIRE', status, status_ttl)
  end
end

local function take(raw, id)
  if passed == 0 then
    call('RPOP', dead)
  else
    call('LREM', dead, -1, raw)
  end
  if id then
    let_expire(id)
  end
  gone = gone + 1
  excess = excess - 1
end

local step = 1
while more == 1 and left > 0 and room > 0 do
  local page = call('LRANGE', dead, -passed - math.min(step, left), -passed - 1)
  local bytes = 0
  for i = #page, 1, -1 do
    local raw = page[i]
    if room <= 0 then
      break
    end
    bytes = bytes + #raw
    room = room - #raw
    left = left - 1
    local died_at, id = facts(raw)
    if excess > 0 or ttl > 0 and died_at and died_at + ttl < now then
      take(raw, id)
    elseif ttl > 0 and not died_at then
      passed = passed + 1
    else
      -- All that follow are younger.
      more = 0
      break
    end
  end
  if #page == 0 then
    more = 0
  end
  step = stride(#page, bytes, math.min(4 * step, 64))
end
return { gone, passed, more }
