#!/usr/bin/env bash
# ask.sh - part of selfheal-watchdog.sh: TCP questions to several addresses at once, in bounded time, by bash alone.
#
#   now_cs NAME                          sets NAME to the hundredths of a second since boot; no wall clock
#   ask_begin BY                         forgets the questions of before; BY names who asks (two may ask at the same time)
#   ask KEY ADDRESS PORT connect|hear|http
#                                        connect: the door only; hear: wait for a line; http: ask for /healthz, wait for a line
#   ask_row KEY ADDRESS PORT…            connect to each in turn, by one child: cheap where all of them answer
#   ask_end HUNDREDTHS                   collects until all have answered or the time is up; sets ANSWERS[KEY]:
#       open          connected (hear, http: and then heard nothing)
#       said LINE     connected and heard this
#       refused       the address is there, nobody listens
#       unreachable   the kernel knows no way (no route, no answer to ARP, or a firewall that says so)
#       timeout       nothing came back in time
#       unknown WHY   anything else: this tells nothing about the other side
#
# Each question is a short-lived child that blocks in connect(2); what has not answered in time is killed, not waited for.
# Environment: that of selfheal-watchdog.sh; the children leave the text of their error in RUN_FOLDER, a tmpfs.

declare -gA ANSWERS=() ASK_PIDS=()

# Called by each part that measures time; no fork, no wall clock.
now_cs() {
  local uptime rest
  read -r uptime rest <"${PROC:-/proc}/uptime"
  printf -v "$1" '%d' "$((10#${uptime/./}))"
}

ask_begin() {
  ASK_BY=$1 ANSWERS=() ASK_PIDS=()
  # A pipe of our own without a name: both ends in one descriptor.
  exec {ASK_PIPE}<> <(:)
}

ask() {
  ANSWERS[$1]=timeout
  ask_one "$@" 1>&"$ASK_PIPE" &
  ASK_PIDS[$1]=$!
  # Without this the shell would report the end of those that are killed.
  disown "$!"
}

ask_row() {
  local -a row=("$@")
  local at
  {
    while (($# > 0)); do
      ask_one "$1" "$2" "$3" connect
      shift 3
    done
  } 1>&"$ASK_PIPE" &
  disown "$!"
  for ((at = 0; at < ${#row[@]}; at += 3)); do
    ANSWERS[${row[at]}]=timeout ASK_PIDS[${row[at]}]=$!
  done
}

ask_one() {
  local key=$1 how=$4 text='' heard='' connected=no
  local errors=$RUN_FOLDER/ask-$ASK_BY-$1
  # A peer that hangs up at once must not end this child before it has told.
  trap '' PIPE
  {
    connected=yes
    case $how in
      hear) read -r -t 5 heard <&9 || true ;; # hung up, or too late: nothing heard
      http)
        # A refused write is the same as nothing heard.
        printf 'GET /healthz HTTP/1.0\r\n\r\n' >&9 || true
        read -r -t 5 heard <&9 || true # the same
        ;;
    esac
  } 2>"$errors" 9<>"/dev/tcp/$2/$3" || true # the text tells why
  if [[ $connected == yes ]]; then
    heard=${heard//[^[:print:]]/}
    printf '%s %s\n' "$key" "${heard:+said ${heard:0:200}}"
    return 0
  fi
  # An empty file: nothing known.
  read -r text <"$errors" || true
  case ${text##*: } in
    'Connection refused') text=refused ;;
    'No route to host' | 'Network is unreachable') text=unreachable ;;
    'Connection timed out') text=timeout ;;
    *) text="unknown ${text##*: }" ;;
  esac
  printf '%s %s\n' "$key" "$text"
}

ask_end() {
  local key text now left end seconds
  now_cs now
  end=$((now + $1))
  while ((${#ASK_PIDS[@]} > 0)); do
    now_cs now
    left=$((end - now))
    ((left > 0)) || break
    printf -v seconds '%d.%02d' "$((left / 100))" "$((left % 100))"
    read -r -t "$seconds" -u "$ASK_PIPE" key text || break
    # shellcheck disable=SC2034 # for the caller
    ANSWERS[$key]=${text:-open}
    unset "ASK_PIDS[$key]"
  done
  # What has just ended by itself cannot be killed, which is as well.
  ((${#ASK_PIDS[@]} == 0)) || kill -KILL "${ASK_PIDS[@]}" 2>/dev/null || true
  exec {ASK_PIPE}>&-
}
