"""Two telephones of PJSIP that register, speak, hold, and hang up, beside a server under test.

    pjsua.py HOST:PORT udp|tcp DOMAIN CALLER CALLEE FOLDER      the password is in the environment: PHONE_PASSWORD

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
TONES = {"caller": 440, "callee": 1000}


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
        self.heard = os.path.join(folder, f"{role}-heard.wav")
        said = os.path.join(folder, f"{role}.wav")
        tone(said, TONES[role])
        self.player = pj.AudioMediaPlayer()
        self.player.createPlayer(said)
        self.recorder = pj.AudioMediaRecorder()
        self.recorder.createRecorder(self.heard)
        config = pj.AccountConfig()
        config.idUri = f"sip:{number}@{domain}"
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


def main():
    server, transport, domain, caller, callee, folder = sys.argv[1:]
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
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

    phones = [
        Phone("caller", caller, transport, server, domain, folder),
        Phone("callee", callee, transport, server, domain, folder),
    ]
    until("a registration", lambda: all(phone.status == 200 for phone in phones))
    print("registered", flush=True)
    for _ in range(14):
        phones[0].registers()
    print("registered 14 times more", flush=True)

    call = phones[0].call = Call(phones[0])
    call.makeCall(f"sip:{callee}@{domain}", pj.CallOpParam(True))
    until("the call", lambda: call.is_up and phones[1].call and phones[1].call.is_up)
    other = phones[1].call
    until("sound", lambda: call.media and other.media)
    wait(2)
    print("spoke", flush=True)

    call.setHold(pj.CallOpParam())
    until("the hold", lambda: call.held and other.held)
    before = (call.media, other.media)
    again = pj.CallOpParam(True)
    again.opt.flag = pj.PJSUA_CALL_UNHOLD
    call.reinvite(again)
    until("the end of the hold", lambda: call.media > before[0] and other.media > before[1])
    wait(1)
    print("held", flush=True)

    other.hangup(pj.CallOpParam())
    until("the end", lambda: call.over and other.over)
    print("hung up", flush=True)
    for phone in phones:
        phone.call = None
        phone.registers(False)
        phone.recorder = None
        # The library closes the file a moment later.
        until("the recording", lambda: is_closed(phone.heard))
    for phone, own, heard in [(phones[0], "caller", "callee"), (phones[1], "callee", "caller")]:
        loud, quiet = level(phone.heard, TONES[heard]), level(phone.heard, TONES[own])
        print(f"{own} hears the {heard} at {loud:.0f} dB and himself at {quiet:.0f} dB", flush=True)
        if loud < quiet + 20:
            fail(f"the {own} does not hear the {heard}")
    print("done", flush=True)
    # The library's own end takes its time and proves nothing.
    os._exit(0)


def wait(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pj.Endpoint.instance().libHandleEvents(20)


try:
    main()
except pj.Error as error:
    fail(error.info())
