-- Gives out the turns of a scan that all workers of a queue share: one in a period, whoever asks first.
-- Needs now_ms
-- KEYS  1 the scan: when its next turn is due (ms), a blank, and the cursor where it goes on
-- ARGV  1 the period (ms), 2 how long the key is kept (ms)
-- returns nothing where no turn is due, or Redis is full and what is found could not be dealt with either; else when the next turn
--         is and the cursor where this one begins; or, alone, the error for which the key cannot be read
local pcall = redis.pcall
local scan, period = KEYS[1], tonumber(ARGV[1])
local known = pcall('GET', scan)
if type(known) == 'table' then
  return { known.err }
end
local due, cursor = string.match(known or '', '^(%d+) (%d+)$')
local now = now_ms()
-- One that is farther off than a period is from before the clock was set back.
if due and tonumber(due) > now and tonumber(due) <= now + period then
  return {}
end
local following = string.format('%d', now + period)
-- The cursor is moved on by whoever has the turn. Where that worker dies first, the next one scans the same keys again.
local taken = pcall('SET', scan, following .. ' ' .. (cursor or '0'), 'PX', ARGV[2])
if taken.err then
  return string.find(taken.err, 'OOM', 1, true) and {} or taken
end
return { following, cursor or '0' }
