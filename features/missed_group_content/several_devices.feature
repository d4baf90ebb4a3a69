Feature: A user with several devices gets what was missed as the statement says

  @CPM-CONV-058a @TP-CPM-CONV-058a-12.one-after-the-other @SHALL @participating-function
  Scenario: Bob's phone and then his tablet come back
    Given Bob, a served user, is offline
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                 | asks for  |
      | Alice  | For whichever device | delivered |
      | Carol  | Or for both          |           |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And Bob's phone registers
    Then Bob's phone receives every message of "Book club" since his invitation
    When Bob's tablet registers
    Then Bob's phone and then his tablet get of "Book club" what the statement says for several devices
    And no message of "Book club" reaches Bob under two names
    And Alice gets on "For whichever device" of "Book club" no more delivery reports of Bob than the statement says

  @CPM-CONV-058a @TP-CPM-CONV-058a-13.one-was-there @SHALL @participating-function
  Scenario: Bob's tablet takes part while his phone is away, and the phone returns
    Given Bob, a served user, is online with a tablet
    And Eve, a served user, is offline
    And the group "Book club" of Alice and Carol
    And Bob's tablet takes part in "Book club"
    When Alice invites Eve to "Book club"
    And these messages are sent to "Book club":
      | author | text               | asks for  |
      | Alice  | Read on the tablet | delivered |
      | Carol  | This one too       | delivered |
    And Bob's phone registers
    And Eve's phone registers
    Then Bob's tablet receives every message of "Book club" since his invitation
    And Eve receives every message of "Book club" since her invitation
    And Bob's phone returns to "Book club" as the statement says, after his tablet has taken part
    And Alice gets on "Read on the tablet" of "Book club" no more delivery reports of Bob than the statement says
