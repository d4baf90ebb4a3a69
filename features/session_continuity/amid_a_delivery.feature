Feature: A delivery of what was missed moves to another device

  @PF-DEV-04 @TP-PF-DEV-04-04.amid-a-delivery @SHALL @participating-function @continuity=replaces @continuity=same_contribution @continuity=refer @drain_shape_live=sendrecv
  Scenario: Bob's phone stops in the middle of a delivery, and his tablet takes it over
    Given Bob, a served user, is offline
    And the group "Book club" of Alice and Carol
    When Alice invites Bob to "Book club"
    And these messages are sent to "Book club":
      | author | text                 |
      | Alice  | The first chapter    |
      | Carol  | The second chapter   |
      | Alice  | The third chapter    |
      | Carol  | The fourth chapter   |
      | Alice  | And how it ends      |
    And Dave joins "Book club"
    And Bob's phone stops after 2 messages of "Book club", and his tablet takes the delivery over
    Then Bob's phone and his tablet have every message of "Book club" together
    And no message of "Book club" reaches Bob under two names
    And Bob holds the final list of "Book club"
