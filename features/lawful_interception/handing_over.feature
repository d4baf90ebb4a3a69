Feature: What passes for a user under interception is handed over

  The administration orders it. What happens is handed over, and what is said, as it passed; of the user whom the order is about,
  and of nobody else.

  @PF-LI-01 @TP-PF-LI-01-01.called @MAY @participating-function @li_form=etsi_x @li_form=other @media_path=in
  Scenario: Alice calls Bob, who is under interception
    Given Bob, a served user, is online with a phone
    And the interception of Bob is ordered
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Bob's phone says "With pleasure" in "Lunch"
    And Alice hangs up "Lunch"
    Then the order about Bob is obeyed
    And what happened in "Lunch" is handed over of Bob
    And "Shall we have lunch?" is handed over of Bob as it was said
    And "With pleasure" is handed over of Bob as it was said
    And what is handed over of Bob is nobody else's

  @PF-LI-01 @TP-PF-LI-01-01.calling @MAY @participating-function @li_form=etsi_x @li_form=other @media_path=in
  Scenario: Bob, who is under interception, calls Alice
    Given Bob, a served user, is online with a phone
    And the interception of Bob is ordered
    And the session "Dinner" of Alice with Bob
    When Bob's phone calls Alice for "Dinner"
    And Bob's phone says "Dinner at eight?" in "Dinner"
    And Alice says "At nine" in "Dinner"
    And Bob's phone hangs up "Dinner"
    Then what happened in "Dinner" is handed over of Bob
    And "Dinner at eight?" is handed over of Bob as it was said
    And "At nine" is handed over of Bob as it was said

  @PF-LI-01 @TP-PF-LI-01-01.messages @MAY @participating-function @li_form=etsi_x @li_form=other
  Scenario: Bob, who is under interception, gets a message and writes one
    Given Bob, a served user, is online with a phone
    And the interception of Bob is ordered
    When Alice sends Bob the message "Where are you?"
    And Bob's phone sends Alice the message "At home"
    Then what happened in "Where are you?" is handed over of Bob
    And "Where are you?" is handed over of Bob as it was said
    And what happened in "At home" is handed over of Bob
    And "At home" is handed over of Bob as it was said
    And what is handed over of Bob is nobody else's

  @PF-LI-01 @TP-PF-LI-01-01.large @MAY @participating-function @li_form=etsi_x @li_form=other @media_path=in
  Scenario: Bob, who is under interception, gets a large message
    Given Bob, a served user, is online with a phone
    And the interception of Bob is ordered
    When Alice sends Bob the large message "The whole story"
    Then what happened in "The whole story" is handed over of Bob
    And "The whole story" is handed over of Bob as it was said

  @PF-LI-01 @TP-PF-LI-01-01.group @MAY @participating-function @li_form=etsi_x @li_form=other
  Scenario: Bob, who is under interception, takes part in a group
    Given Bob, a served user, is online with a phone
    And the interception of Bob is ordered
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                      | asks for |
      | Alice  | Shall we meet on Tuesday? |          |
    And Bob's phone sends "At my place then" to "Book club"
    And "Book club" ends
    Then what happened in "Book club" is handed over of Bob
    And "Shall we meet on Tuesday?" is handed over of Bob as it was said
    And "At my place then" is handed over of Bob as it was said

  @PF-LI-01 @TP-PF-LI-01-01.two-users @MAY @participating-function @li_form=etsi_x @li_form=other
  Scenario: Two users are under interception, each by an order of its own
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And the interception of Bob is ordered
    And the interception of Eve is ordered
    When Alice sends Bob the message "For Bob"
    And Alice sends Eve the message "For Eve"
    Then "For Bob" is handed over of Bob as it was said
    And "For Eve" is handed over of Eve as it was said
    And what is handed over of Bob is nobody else's
    And what is handed over of Eve is nobody else's
