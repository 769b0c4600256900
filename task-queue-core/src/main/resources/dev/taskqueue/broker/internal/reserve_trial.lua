-- Reserves the next trial of a suspect for a worker: one at a time among all workers, for a minute at most, so that a long one
-- does not hold up the others.
-- Needs now_ms, is_dead
-- KEYS  1 trial: per worker its state (waiting, alone, beside), since when (ms), and the id of the task on trial; 2 suspects,
--       3 workers, 4 silence, 5 paused marker, 6 and 7 where to put what is in the place of 1 and 2 and of another type
-- ARGV  1 the worker, 2 the lease (ms)
-- returns 1 if it is this worker's, else 0; or, alone, what of another type has been set aside: then ask again
local call = redis.call
local trial, suspects, workers, silence, paused = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local worker, lease = ARGV[1], ARGV[2]
if call('EXISTS', suspects) == 0 or call('EXISTS', paused) == 1 then
  return 0
end
-- Left where it is it would keep every suspect from its trial, and whoever tries one from all else.
for i, wanted in ipairs({ 'hash', 'list' }) do
  local kind = call('TYPE', KEYS[i]).ok
  if kind ~= wanted and kind ~= 'none' then
    local moved = redis.pcall('RENAME', KEYS[i], KEYS[5 + i])
    return string.format('%s is a %s instead of a %s: %s', KEYS[i], kind, wanted, moved.err or 'now ' .. KEYS[5 + i])
  end
end
local now = now_ms()
local trials = call('HGETALL', trial)
for i = 1, #trials, 2 do
  local other = trials[i]
  local state, since = string.match(trials[i + 1], '^(%a+) (%d+) ')
  if other ~= worker and since then
    local dead = is_dead(workers, silence, other, lease)
    if state == 'waiting' and (dead or not redis.pcall('ZSCORE', workers, other)) then
      -- Nobody comes back to it. In the other states it tells recover.lua what killed the worker.
      call('HDEL', trial, other)
    elseif state ~= 'beside' and not dead and math.abs(now - since) < 60000 then
      return 0
    end
  end
end
call('HSET', trial, worker, string.format('waiting %d ', now))
return 1
