"""Telephones of PJSIP that register and have calls with each other, beside a server under test.

    pjsua.py SCENARIO HOST:PORT udp|tcp DOMAIN FOLDER NUMBER...     the password is in the environment: PHONE_PASSWORD

The first number calls the second one. SCENARIO is

    speaks      they speak, hold, and hang up
    steered     somebody else makes them call each other, and ends it: once "ready" is said, and once "speaks" is
    blind       the second one leads the first one on to the third
    attended    the second one speaks with the third, and connects the two others

Says what it has done, a line each; ends with 1 and the reason when something is not as it should be.
"""

import array
import math
import os
import sys
import time
import wave

import pjsua2 as pj

RATE = 8000
# What each telephone says, in Hz: it is known again in what the other one hears.
TONES = {"caller": 440, "callee": 1000, "third": 1900}


def tone(path, hertz):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        wanted = (int(8000 * math.sin(2 * math.pi * hertz * at / RATE)) for at in range(RATE * 5))
        file.writeframes(array.array("h", wanted).tobytes())


def level(path, hertz):
    """How loud a tone is in a recording, in dB (Goertzel's way)."""
    with wave.open(path, "rb") as file:
        rate = file.getframerate()
        samples = array.array("h", file.readframes(file.getnframes()))
    factor = 2 * math.cos(2 * math.pi * hertz / rate)
    one = two = 0.0
    for sample in samples:
        one, two = sample + factor * one - two, one
    power = one * one + two * two - factor * one * two
    return 10 * math.log10(max(power, 1) / max(len(samples), 1) ** 2)


def is_closed(path):
    try:
        with wave.open(path, "rb") as file:
            return file.getnframes() > RATE
    except (wave.Error, EOFError):
        return False


def fail(words):
    print(f"failed: {words}", flush=True)
    os._exit(1)


def until(what, holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        pj.Endpoint.instance().libHandleEvents(20)
        if time.monotonic() > end:
            fail(f"{what} never came")


class Call(pj.Call):
    def __init__(self, phone, call_id=pj.PJSUA_INVALID_ID):
        super().__init__(phone, call_id)
        self.phone = phone
        self.is_up = False
        self.over = False
        self.media = 0
        self.held = False

    def onCallState(self, _):
        state = self.getInfo().state
        self.is_up = state == pj.PJSIP_INV_STATE_CONFIRMED
        self.over |= state == pj.PJSIP_INV_STATE_DISCONNECTED

    def onCallMediaState(self, _):
        # Kept for as long as it is looked at: what is in it is not counted for by Python.
        info = self.getInfo()
        states = [one.status for one in info.media]
        self.held = pj.PJSUA_CALL_MEDIA_REMOTE_HOLD in states or pj.PJSUA_CALL_MEDIA_LOCAL_HOLD in states
        if pj.PJSUA_CALL_MEDIA_ACTIVE not in states:
            return
        self.media += 1
        sound = self.getAudioMedia(-1)
        self.phone.player.startTransmit(sound)
        sound.startTransmit(self.phone.recorder)


class Phone(pj.Account):
    def __init__(self, role, number, transport, server, domain, folder):
        super().__init__()
        self.answers = 0
        self.status = 0
        self.call = None
        self.role = role
        self.number = number
        self.uri = f"sip:{number}@{domain}"
        self.heard = os.path.join(folder, f"{role}-heard.wav")
        said = os.path.join(folder, f"{role}.wav")
        tone(said, TONES[role])
        self.player = pj.AudioMediaPlayer()
        self.player.createPlayer(said)
        self.recorder = pj.AudioMediaRecorder()
        self.recorder.createRecorder(self.heard)
        config = pj.AccountConfig()
        config.idUri = self.uri
        config.regConfig.registrarUri = f"sip:{domain}"
        config.regConfig.timeoutSec = 600
        config.sipConfig.proxies.append(f"sip:{server};transport={transport};lr")
        config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        config.sipConfig.authCreds.append(
            pj.AuthCredInfo("digest", "*", number, 0, os.environ["PHONE_PASSWORD"])
        )
        self.create(config)

    def onRegState(self, param):
        self.answers += 1
        self.status = param.code

    def onIncomingCall(self, param):
        self.call = Call(self, param.callId)
        answer = pj.CallOpParam()
        answer.statusCode = 200
        self.call.answer(answer)

    def registers(self, again=True):
        before = self.answers
        self.setRegistration(again)
        until("an answer to REGISTER", lambda: self.answers > before)
        if self.status != 200:
            fail(f"REGISTER was answered with {self.status}")


    def calls(self, other):
        """Calls another telephone of ours, and waits until both sides hear something; gives both calls."""
        own = self.call = Call(self)
        other.call = None
        own.makeCall(other.uri, pj.CallOpParam(True))
        until("the call", lambda: own.is_up and other.call and other.call.is_up)
        until("sound", lambda: own.media and other.call.media)
        return own, other.call

    def closes(self):
        """Takes the registration off and closes the recording."""
        self.call = None
        self.registers(False)
        self.recorder = None
        # The library closes the file a moment later.
        until("the recording", lambda: is_closed(self.heard))

    def records_anew(self):
        """What was heard so far does not count."""
        self.heard = self.heard.replace("-heard", "-heard-later")
        self.recorder = pj.AudioMediaRecorder()
        self.recorder.createRecorder(self.heard)
        if self.call:
            self.call.getAudioMedia(-1).startTransmit(self.recorder)


def start(transport):
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.maxCalls = 8
    config.medConfig.noVad = True
    config.logConfig.level = int(os.environ.get("PHONE_LOG", "1"))
    config.logConfig.consoleLevel = int(os.environ.get("PHONE_LOG", "1"))
    endpoint.libInit(config)
    port = pj.TransportConfig()
    port.boundAddress = "127.0.0.1"
    port.publicAddress = "127.0.0.1"
    kind = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP}[transport]
    endpoint.transportCreate(kind, port)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    return endpoint


def say(words):
    print(words, flush=True)


def hears(own, other):
    """Whether a telephone hears another one, and not itself."""
    loud, quiet = level(own.heard, TONES[other.role]), level(own.heard, TONES[own.role])
    say(f"{own.role} hears the {other.role} at {loud:.0f} dB and himself at {quiet:.0f} dB")
    if loud < quiet + 20:
        fail(f"the {own.role} does not hear the {other.role}")


def speaks(caller, callee):
    for _ in range(14):
        caller.registers()
    say("registered 14 times more")
    call, other = caller.calls(callee)
    wait(2)
    say("spoke")

    call.setHold(pj.CallOpParam())
    until("the hold", lambda: call.held and other.held)
    before = (call.media, other.media)
    again = pj.CallOpParam(True)
    again.opt.flag = pj.PJSUA_CALL_UNHOLD
    call.reinvite(again)
    until("the end of the hold", lambda: call.media > before[0] and other.media > before[1])
    wait(1)
    say("held")

    other.hangup(pj.CallOpParam())
    until("the end", lambda: call.over and other.over)
    return caller, callee


def steered(caller, callee):
    say("ready")
    until("the call", lambda: all(phone.call and phone.call.is_up for phone in (caller, callee)))
    # The first one hears something once it is known who answers, and it was asked again.
    until("sound", lambda: caller.call.media and callee.call.media)
    wait(2)
    say("speaks")
    until("the end", lambda: caller.call.over and callee.call.over)
    return caller, callee


def blind(caller, callee, third):
    call, asks = caller.calls(callee)
    wait(1)
    before = call.media
    asks.xfer(third.uri, pj.CallOpParam(True))
    led_on(caller, third, before, [asks])
    return caller, third


def attended(caller, callee, third):
    call, asks = caller.calls(callee)
    wait(1)
    asks.setHold(pj.CallOpParam())
    until("the hold", lambda: call.held)
    before = call.media
    consults, _ = callee.calls(third)
    wait(1)
    asks.xferReplaces(consults, pj.CallOpParam(True))
    led_on(caller, third, before, [asks, consults])
    return caller, third


def led_on(caller, third, before, left):
    until("the end of who transfers", lambda: all(call.over for call in left))
    until("the third one", lambda: third.call and third.call.is_up)
    until("sound", lambda: caller.call.media > before and third.call.media)
    for phone in (caller, third):
        phone.records_anew()
    wait(2)
    say("led on")
    if caller.call.over:
        fail("the caller was left")
    caller.call.hangup(pj.CallOpParam())
    until("the end", lambda: caller.call.over and third.call.over)


def main():
    scenario, server, transport, domain, folder, *numbers = sys.argv[1:]
    # Kept until the end.
    endpoint = start(transport)
    roles = ["caller", "callee", "third"]
    phones = [Phone(role, number, transport, server, domain, folder) for role, number in zip(roles, numbers)]
    until("a registration", lambda: all(phone.status == 200 for phone in phones))
    say("registered")
    one, other = {"speaks": speaks, "steered": steered, "blind": blind, "attended": attended}[scenario](*phones)
    say("hung up")
    for phone in phones:
        phone.closes()
    hears(one, other)
    hears(other, one)
    say("done")
    # The library's own end takes its time and proves nothing.
    os._exit(0 if endpoint else 1)


def wait(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pj.Endpoint.instance().libHandleEvents(20)


try:
    main()
except pj.Error as error:
    fail(error.info())
