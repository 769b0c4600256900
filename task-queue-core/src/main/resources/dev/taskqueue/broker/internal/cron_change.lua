-- Changes schedules, all of them or none: each must be as it was read.
-- KEYS  1 cron, 2 cron:due, 3 cron:last, 4 cron:broken
-- ARGV  1 how many schedules there may be, then five per schedule: its name, whether it was there (1 or 0), the definition
--       that was read, the one from now on (empty: it goes), its next fire (ms; empty: none; keep: as it is)
-- returns 1; 0 where one was not as it had been read; -1 where there would be too many
local call, pcall = redis.call, redis.pcall
local cron, due, last, broken = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local most = tonumber(ARGV[1])

-- Before anything is written, also for the errors of keys of a wrong type.
local added = 0
for arg = 2, #ARGV, 5 do
  local there = call('HGET', cron, ARGV[arg])
  if there ~= (ARGV[arg + 1] == '1' and ARGV[arg + 2]) then
    return 0
  end
  added = added + (ARGV[arg + 3] == '' and 0 or 1) - (there and 1 or 0)
end
if added > 0 and call('HLEN', cron) + added > most then
  return -1
end
call('ZSCORE', due, ARGV[2])

for arg = 2, #ARGV, 5 do
  local name, definition, fire = ARGV[arg], ARGV[arg + 3], ARGV[arg + 4]
  if definition == '' then
    call('HDEL', cron, name)
    pcall('HDEL', last, name)
  else
    call('HSET', cron, name, definition)
  end
  if fire == '' then
    call('ZREM', due, name)
  elseif fire ~= 'keep' then
    call('ZADD', due, fire, name)
  end
  pcall('HDEL', broken, name)
end
return 1
