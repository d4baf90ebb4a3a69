"""A charging server on python-diameter, which nobody here wrote: it answers records (Rf) and questions about credit (Ro), and
says in a line of JSON what it has read of each. Arguments: its port, and that of its peer, the relay. Users whose name begins
with `prepaid-poor` have no credit."""

import json
import logging
import sys
import time

from diameter.message import constants
from diameter.message.avp.grouped import GrantedServiceUnit, MultipleServicesCreditControl
from diameter.message.commands import CreditControlRequest
from diameter.node import Node
from diameter.node.application import SimpleThreadingApplication

logging.basicConfig(level=logging.WARNING)
REALM = "example.com"
CREDIT_LIMIT_REACHED = 4012


TGPP = constants.VENDOR_TGPP
# By their numbers, since the commands of the library know not all AVPs that may stand in them.
SUBSCRIPTION_ID, SUBSCRIPTION_ID_DATA, SERVICE_CONTEXT_ID = (443, 0), (444, 0), (461, 0)
SERVICE_INFORMATION, IMS_INFORMATION, EVENT_TYPE = (873, TGPP), (876, TGPP), (823, TGPP)
SIP_METHOD, ROLE_OF_NODE, USER_SESSION_ID = (824, TGPP), (829, TGPP), (830, TGPP)
IMS_CHARGING_IDENTIFIER, NODE_FUNCTIONALITY = (841, TGPP), (862, TGPP)


def find(avps, *path):
    """The value at the end of a path of AVPs; none where there is none."""
    for code, vendor in path:
        found = [avp for avp in avps if (avp.code, avp.vendor_id or 0) == (code, vendor)]
        if not found:
            return None
        avps = found[0].value
    return avps.decode() if isinstance(avps, bytes) else avps


def read(message, online):
    """What is in a request, by the names of the standards."""

    def ims(*path):
        return find(message.avps, SERVICE_INFORMATION, IMS_INFORMATION, *path)

    subscriber = [SUBSCRIPTION_ID, SUBSCRIPTION_ID_DATA]
    said = {
        "command": "CCR" if online else "ACR",
        "type": message.cc_request_type if online else message.accounting_record_type,
        "number": message.cc_request_number if online else message.accounting_record_number,
        "session": message.session_id,
        "from": message.origin_host.decode(),
        "retransmitted": message.header.is_retransmit,
        "subscriber": find(message.avps, *subscriber) or find(message.avps, SERVICE_INFORMATION, *subscriber),
        "context": find(message.avps, SERVICE_CONTEXT_ID),
        "role": ims(ROLE_OF_NODE),
        "functionality": ims(NODE_FUNCTIONALITY),
        "icid": ims(IMS_CHARGING_IDENTIFIER),
        "user_session": ims(USER_SESSION_ID),
        "method": ims(EVENT_TYPE, SIP_METHOD),
    }
    if online:
        used = message.multiple_services_credit_control[0].used_service_unit
        said["action"] = message.requested_action
        said["used_seconds"] = used[0].cc_time if used else None
    return said


def answered(application, message):
    online = isinstance(message, CreditControlRequest)
    said = read(message, online)
    print(json.dumps(said), flush=True)
    poor = online and said["subscriber"].startswith("sip:prepaid-poor")
    code = CREDIT_LIMIT_REACHED if poor else constants.E_RESULT_CODE_DIAMETER_SUCCESS
    answer = application.generate_answer(message, result_code=code)
    if not online:
        answer.acct_application_id = constants.APP_DIAMETER_BASE_ACCOUNTING
        answer.accounting_record_type = message.accounting_record_type
        answer.accounting_record_number = message.accounting_record_number
        return answer
    answer.auth_application_id = constants.APP_DIAMETER_CREDIT_CONTROL_APPLICATION
    answer.cc_request_type = message.cc_request_type
    answer.cc_request_number = message.cc_request_number
    if not poor and message.cc_request_type != constants.E_CC_REQUEST_TYPE_TERMINATION_REQUEST:
        granted = GrantedServiceUnit(cc_time=600)
        answer.multiple_services_credit_control = [
            MultipleServicesCreditControl(granted_service_unit=granted, service_identifier=[1], result_code=code)
        ]
    return answer


def main():
    port, relay = int(sys.argv[1]), sys.argv[2]
    node = Node(f"ocs.{REALM}", REALM, ip_addresses=["127.0.0.1"], tcp_port=port, vendor_ids=[constants.VENDOR_TGPP])
    peer = node.add_peer(f"aaa://relay.{REALM}:{relay};transport=tcp", REALM, ip_addresses=["127.0.0.1"])
    credit = SimpleThreadingApplication(
        constants.APP_DIAMETER_CREDIT_CONTROL_APPLICATION, is_auth_application=True, request_handler=answered
    )
    records = SimpleThreadingApplication(
        constants.APP_DIAMETER_BASE_ACCOUNTING, is_acct_application=True, request_handler=answered
    )
    node.add_application(credit, [peer])
    node.add_application(records, [peer])
    node.start()
    print(json.dumps({"ready": True}), flush=True)
    # Until who started it is gone.
    sys.stdin.read()
    node.stop(force=True)


main()
