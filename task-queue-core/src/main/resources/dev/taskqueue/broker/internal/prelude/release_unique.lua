-- Gives up the unique key of a task that has ended or was taken out of the queue: the one place for that. Only the holder
-- frees it; the task that waits for it is enqueued in the same step, and holds it from then on. One that waits itself, and is
-- gone, gives up its place. Nothing here fails the script, whatever the keys hold.
-- unique: the key; id: the task; lanes: normal, high, low
local function release_unique(unique, id, lanes, scheduled)
  local pcall = redis.pcall
  local function field(name)
    local value = pcall('HGET', unique, name)
    return type(value) == 'string' and value or nil
  end

  local waiting = field('next')
  if field('id') ~= id then
    if waiting and field('next_id') == id then
      pcall('HDEL', unique, 'next', 'next_id', 'next_head', 'next_lane', 'next_due', 'next_hold')
    end
    return
  end
  local next_id, head = field('next_id') or '', field('next_head') or ''
  local lane = lanes[tonumber(field('next_lane') or 1)] or lanes[1]
  local due, hold = tonumber(field('next_due') or '') or 0, tonumber(field('next_hold') or '') or 1
  pcall('DEL', unique)
  -- No longer there: taken out, or promoted as the holder's net was over; then it takes the key itself when it begins.
  if not waiting or pcall('ZREM', scheduled, waiting) ~= 1 then
    return
  end
  local wait = math.max(0, due - now_ms())
  local placed
  if wait > 0 then
    placed = add_scheduled(scheduled, due, waiting)
  else
    placed = pcall('LPUSH', lane_to_push(lane, lanes[1]), waiting)
  end
  if type(placed) == 'table' then
    -- Into the lane that it can be moved to, by a promoter.
    add_scheduled(scheduled, now_ms(), waiting)
  end
  hold_unique(unique, next_id, head, hold + wait)
end
