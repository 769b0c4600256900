-- Tells which living workers have yet to acknowledge a pause.
-- Needs now_ms, living_since, unacknowledged
-- KEYS  1 paused marker, 2 the workers that have acknowledged, 3 workers, 4 silence, as visit.lua keeps it
-- returns those workers; false where the queue is not paused any more
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
return unacknowledged(KEYS[3], KEYS[4], KEYS[2])
