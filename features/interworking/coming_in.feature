Feature: What comes from another service ends as CPM

  Greta has a telephone for short messages alone. The interworking function speaks CPM for her.

  @PF-IWF-01 @TP-PF-IWF-01-05.message @SHALL @participating-function
  Scenario: Greta writes to Bob
    Given Bob, a served user, is online with a phone
    And Greta, whom short messages alone reach
    When Greta sends Bob the message "From a small telephone"
    Then Bob's phone gets "From a small telephone" from another service

  @PF-IWF-01 @TP-PF-IWF-01-05.large @SHALL @participating-function
  Scenario: Greta sends Bob a picture
    Given Bob, a served user, is online with a phone
    And Greta, whom short messages alone reach
    When Greta sends Bob the large message "A large picture"
    Then Bob's phone gets "A large picture" from another service

  @PF-IWF-01 @TP-PF-IWF-01-05.there-and-back @SHALL @participating-function
  Scenario: Bob answers Greta by way of the interworking function
    Given Bob, a served user, is online with a phone
    And Greta, whom short messages alone reach
    And the interworking function takes what it is sent
    When Greta sends Bob the message "From a small telephone"
    And Bob's phone sends Greta the message "To a small telephone"
    Then Bob's phone gets "From a small telephone" from another service
    And "To a small telephone" for Greta goes on to the interworking function, which takes it

  @PF-IWF-01 @TP-PF-IWF-01-05.unnamed @SHALL @participating-function
  Scenario: Greta's telephone knows nothing of conversations
    Given Bob, a served user, is online with a phone
    And Greta, whom short messages alone reach
    When Greta sends Bob the message "From a small telephone" without any name of a conversation
    And Greta sends Bob the message "With a name"
    Then "From a small telephone" for Bob, which names no conversation, is handled as the ledger allows
    And Bob's phone gets "With a name" from another service
