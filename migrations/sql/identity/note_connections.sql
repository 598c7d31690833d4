-- execute: cv_app
-- A web process notes its sockets, all changes of some seconds in one call: {"rows": [{sid, customer_id, address,
-- rooms, age, ended}]}. A call is a sign of life of the process, too; sockets of a process that has given none for
-- three minutes are closed here. What ended a week ago is forgotten. Returns how many rows of dead processes were
-- closed.
create or replace function app.note_connections(p_process text, p_changes jsonb) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_closed int;
begin
  insert into public.websocket_connection as w (sid, process, customer_id, address, rooms, connected_at, seen_at,
                                                ended_at)
  select r.sid, p_process, (select c.id from public.customer c where c.id = r.customer_id), r.address, r.rooms,
         now() - r.age * interval '1 second', now(), case when r.ended then now() end
    from jsonb_to_recordset(p_changes -> 'rows') as r (sid text, customer_id bigint, address text, rooms text[],
                                                       age double precision, ended boolean)
  on conflict (sid) do update set rooms = excluded.rooms, seen_at = now(),
    ended_at = coalesce(w.ended_at, excluded.ended_at)
    where w.process = excluded.process;
  insert into public.websocket_process as p (process, seen_at) values (p_process, now())
  on conflict (process) do update set seen_at = now() where p.seen_at < now() - interval '2 seconds';
  if not pg_try_advisory_xact_lock(727202) then return 0; end if;
  update public.websocket_connection w set ended_at = p.seen_at from public.websocket_process p
   where p.process = w.process and w.ended_at is null and p.seen_at < now() - interval '3 minutes';
  get diagnostics v_closed = row_count;
  delete from public.websocket_connection w where w.ended_at < now() - interval '7 days';
  delete from public.websocket_process p where p.seen_at < now() - interval '1 day'
    and not exists (select from public.websocket_connection w where w.process = p.process and w.ended_at is null);
  return v_closed;
end $$;
