Feature: What waits for a user under interception is handed over when it is taken

  Its content is handed over once. That it is delivered later is an event, and nothing new.

  @PF-LI-01 @TP-PF-LI-01-03.message @MAY @participating-function @li_form=etsi_x @li_form=other
  Scenario: Alice writes to Bob, who is under interception and offline
    Given Bob, a served user, is offline
    And the interception of Bob is ordered
    When Alice sends Bob the message "Call me when you can"
    Then "Call me when you can" is handed over of Bob as it was said
    When Bob's phone registers
    Then the message "Call me when you can", which waited, reaches Bob
    And "Call me when you can", which waited, is handed over of Bob once

  @PF-LI-01 @TP-PF-LI-01-03.large @MAY @participating-function @li_form=etsi_x @li_form=other
  Scenario: Alice writes something long to Bob, who is under interception and offline
    Given Bob, a served user, is offline
    And the interception of Bob is ordered
    When Alice sends Bob the large message "The whole story"
    Then "The whole story" is handed over of Bob as it was said
    When Bob's phone registers
    Then the message "The whole story", which waited, reaches Bob
    And "The whole story", which waited, is handed over of Bob once

  @PF-LI-01 @TP-PF-LI-01-03.group @MAY @participating-function @li_form=etsi_x @li_form=other @storage_locus=participating_function @first_answer=stand_in
  Scenario: A group writes while Bob, who is under interception, is offline
    Given Bob, a served user, is offline
    And the interception of Bob is ordered
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text             | asks for |
      | Alice  | Is Bob with us?  |          |
    Then "Is Bob with us?" is handed over of Bob as it was said
    When Bob's phone registers
    And it is quiet for a while
    Then "Is Bob with us?", which waited, is handed over of Bob once
