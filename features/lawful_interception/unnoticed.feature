Feature: Interception is by order alone, and nobody can tell

  Who is under interception and who talks with such a user see what everybody sees. An order counts if it is the administration's;
  without one, and after its end, nothing is handed over.

  @PF-LI-01 @TP-PF-LI-01-02.alike @MAY @participating-function @li_form=etsi_x @li_form=other @media_path=in
  Scenario: The same happens to Bob, who is under interception, and to Eve, who is not
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a phone
    And the interception of Bob is ordered
    And the session "Lunch" of Alice with Bob
    And the session "Tea" of Alice with Eve
    When Alice sends Bob the message "One for Bob"
    And Alice sends Bob the message "Two for Bob"
    And Alice sends Bob the message "Three for Bob"
    And Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Bob's phone says "With pleasure" in "Lunch"
    And Alice hangs up "Lunch"
    And Alice calls Bob for "Lunch"
    And Alice hangs up "Lunch"
    And Alice calls Bob for "Lunch"
    And Alice hangs up "Lunch"
    And Alice sends Eve the message "One for Eve"
    And Alice sends Eve the message "Two for Eve"
    And Alice sends Eve the message "Three for Eve"
    And Alice calls Eve for "Tea"
    And Alice says "Shall we have tea?" in "Tea"
    And Eve's phone says "With pleasure" in "Tea"
    And Alice hangs up "Tea"
    And Alice calls Eve for "Tea"
    And Alice hangs up "Tea"
    And Alice calls Eve for "Tea"
    And Alice hangs up "Tea"
    Then nobody can tell Bob from Eve by what passes
    And what happened in "Lunch" is handed over of Bob
    And nothing of "Tea" of Eve is handed over

  @PF-LI-01 @TP-PF-LI-01-02.writing @MAY @participating-function @li_form=etsi_x @li_form=other
  Scenario: Bob, who is under interception, writes as Eve does, who is not
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a phone
    And the interception of Bob is ordered
    When Bob's phone sends Alice the message "One of Bob"
    And Bob's phone sends Alice the message "Two of Bob"
    And Bob's phone sends Alice the message "Three of Bob"
    And Eve's phone sends Alice the message "One of Eve"
    And Eve's phone sends Alice the message "Two of Eve"
    And Eve's phone sends Alice the message "Three of Eve"
    Then nobody can tell Bob from Eve by what passes
    And "Three of Bob" is handed over of Bob as it was said
    And nothing of "Three of Eve" of Eve is handed over

  @PF-LI-01 @TP-PF-LI-01-02.unauthorised @MAY @participating-function @li_form=etsi_x
  Scenario Outline: <Somebody> orders the interception of Eve
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And the interception of Bob is ordered
    When the interception of Eve is ordered by <Somebody>
    And Alice sends Eve the message "For Eve alone"
    And Alice sends Bob the message "For Bob"
    Then the order about Eve is refused
    And "For Bob" is handed over of Bob as it was said
    And nothing of "For Eve alone" of Eve is handed over

    Examples:
      | Somebody    |
      | a stranger  |
      | an impostor |
      | nobody      |

  @PF-LI-01 @TP-PF-LI-01-02.ended @MAY @participating-function @li_form=etsi_x @li_form=other
  Scenario: The interception of Bob ends
    Given Bob, a served user, is online with a phone
    And the interception of Bob is ordered
    When Alice sends Bob the message "Before"
    Then "Before" is handed over of Bob as it was said
    When the interception of Bob is ended
    Then the order about Bob is obeyed
    When Alice sends Bob the message "Afterwards"
    Then Bob's phone gets the message "Afterwards"
    And nothing of "Afterwards" of Bob is handed over
